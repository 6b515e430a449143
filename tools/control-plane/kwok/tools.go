//go:build tools

// Package tools pins KWOK, which plays nodes and pods where a test needs running ones.
package tools

import _ "sigs.k8s.io/kwok/cmd/kwok"
