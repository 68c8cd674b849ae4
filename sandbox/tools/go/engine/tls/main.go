// pulumi-resource-tls: the Terraform provider for TLS through Pulumi's bridge.
package main

import (
	"linkerd-mesh/sandbox/engine/bridge"

	"github.com/hashicorp/terraform-provider-tls/shim"
)

func main() { bridge.Serve("tls", "", shim.NewProvider()) }
