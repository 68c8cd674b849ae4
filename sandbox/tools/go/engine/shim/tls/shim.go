// Package shim lies under upstream's path, so that Go lets it import upstream's internal constructor.
package shim

import (
	"github.com/hashicorp/terraform-plugin-framework/provider"
	upstream "github.com/hashicorp/terraform-provider-tls/internal/provider"
)

// NewProvider is upstream's provider.
func NewProvider() provider.Provider { return upstream.New() }
