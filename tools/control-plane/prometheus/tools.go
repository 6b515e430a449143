//go:build tools

// Package tools pins the Prometheus, and the promtool, that the tests and the demo run.
package tools

import (
	_ "github.com/prometheus/prometheus/cmd/prometheus"
	_ "github.com/prometheus/prometheus/cmd/promtool"
)
