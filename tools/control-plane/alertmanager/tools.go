//go:build tools

// Package tools pins the Alertmanager, and the amtool, that the tests and the demo run. Later versions do not hold
// their web assets in the module, and so do not build from it.
package tools

import (
	_ "github.com/prometheus/alertmanager/cmd/alertmanager"
	_ "github.com/prometheus/alertmanager/cmd/amtool"
)
