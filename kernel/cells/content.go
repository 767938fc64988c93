//go:build !js

package cells

import "net/http"

// contentType tells what bytes are.
func contentType(b []byte) string { return http.DetectContentType(b) }
