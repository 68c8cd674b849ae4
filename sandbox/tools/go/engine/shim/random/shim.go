// Package shim lies under upstream's path, so that Go lets it import upstream's internal constructor.
package shim

import (
	"github.com/hashicorp/terraform-plugin-framework/provider"
	upstream "github.com/terraform-providers/terraform-provider-random/internal/provider"
)

// NewProvider is upstream's provider.
func NewProvider() provider.Provider { return upstream.New() }
