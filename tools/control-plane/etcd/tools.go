//go:build tools

// Package tools pins the etcd that the demo, the tests and the benchmarks run.
package tools

import _ "go.etcd.io/etcd/server/v3"
