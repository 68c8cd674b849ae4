// Package bridge serves a Terraform provider to the Pulumi engine.
package bridge

import (
	"context"
	"fmt"

	"github.com/hashicorp/terraform-plugin-framework/provider"
	"github.com/pulumi/pulumi-terraform-bridge/v3/pkg/pf/tfbridge"
	bridged "github.com/pulumi/pulumi-terraform-bridge/v3/pkg/tfbridge"
	"github.com/pulumi/pulumi-terraform-bridge/v3/pkg/tfbridge/tokens"
)

// Version is what the provider reports; the build sets it.
var Version string

// Serve maps `<name>_some_thing` to `<name>:index/<prefix>SomeThing:<Prefix>SomeThing`, as the npm package does.
func Serve(name, prefix string, upstream provider.Provider) {
	info := bridged.ProviderInfo{
		P:            tfbridge.ShimProvider(upstream),
		Name:         name,
		Version:      Version,
		MetadataInfo: bridged.NewProviderMetadata([]byte("{}")),
	}
	standard := tokens.MakeStandard(name)
	strategy := tokens.SingleModule(name+"_", "index", func(module, resource string) (string, error) {
		return standard(module, prefix+resource)
	})
	strategy.DataSource = tokens.SingleModule(name+"_", "index", standard).DataSource
	if err := info.ComputeTokens(strategy); err != nil {
		panic(fmt.Errorf("%s: %w", name, err))
	}
	tfbridge.Main(context.Background(), name, info, tfbridge.ProviderMetadata{PackageSchema: []byte("{}")})
}
