package cells

// godoc finds nothing: a web page has no source of Go.
func godoc(pkg, name string, detail int) string { return "" }
