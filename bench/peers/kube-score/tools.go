//go:build tools

// Package tools pins the peer that the scan benchmark is measured against.
package tools

import _ "github.com/zegl/kube-score/cmd/kube-score"
