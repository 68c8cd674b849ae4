// pulumi-resource-random: the Terraform provider for random values through Pulumi's bridge.
package main

import (
	"linkerd-mesh/sandbox/engine/bridge"

	"github.com/terraform-providers/terraform-provider-random/shim"
)

func main() { bridge.Serve("random", "Random", shim.NewProvider()) }
