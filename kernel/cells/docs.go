package cells

//go:generate go run ./gendocs

// displayDocs are the documentation of the functions that every cell knows.
var displayDocs = map[string]string{
	"Display":       "Display shows a value below the cell, in all formats that it has.",
	"DisplayID":     "DisplayID shows a value under a name with which UpdateDisplay can replace it.",
	"UpdateDisplay": "UpdateDisplay replaces what DisplayID has shown under a name.",
	"ClearOutput":   "ClearOutput removes what is below the cell; with true, when the next output comes.",
	"Input":         "Input asks the user for a line.",
	"Password":      "Password asks the user for a line that is not shown.",
	"HTML":          "HTML returns text to be shown as HTML.",
	"JavaScript":    "JavaScript returns a script for the notebook to run.",
	"Markdown":      "Markdown returns text to be shown as Markdown.",
	"SVG":           "SVG returns text to be shown as a picture.",
	"Latex":         "Latex returns text to be shown as a formula.",
	"Math":          "Math returns text to be shown as a formula.",
	"JSON":          "JSON returns a value to be shown as a tree.",
	"JPEG":          "JPEG returns the bytes of a JPEG file to be shown.",
	"PNG":           "PNG returns the bytes of a PNG file to be shown.",
	"PDF":           "PDF returns the bytes of a PDF file to be shown.",
	"Image":         "Image returns a picture to be shown.",
	"MIME":          "MIME returns a thing in several formats, by MIME type, with their metadata.",
	"MakeData":      "MakeData returns a thing in one format, and its text.",
	"MakeData3":     "MakeData3 returns a thing in one format, and the text given.",
	"Any":           "Any returns a string, bytes or what a reader yields as a thing in the format given; \"\" finds it out.",
	"Auto":          "Auto is Any with the format found out.",
	"File":          "File returns the content of a file in the format given; \"\" finds it out.",
	"Raw":           "Raw returns a value to be shown as plain text.",
}
