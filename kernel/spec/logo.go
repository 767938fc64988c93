package spec

import (
	"bytes"
	"fmt"
	"image"
	"image/color"
	"image/png"
)

// The logo is a stack of words with SP at the lowest used one, on a grid of 16 × 16.
var logo = []struct {
	x, y, w, h int
	c          color.NRGBA
}{
	{0, 0, 16, 16, color.NRGBA{0x00, 0x7d, 0x9c, 0xff}},
	{5, 2, 9, 2, color.NRGBA{0xff, 0xff, 0xff, 0xff}},
	{5, 5, 9, 2, color.NRGBA{0xff, 0xff, 0xff, 0xff}},
	{5, 8, 9, 2, color.NRGBA{0xff, 0xdd, 0x57, 0xff}},
	{2, 8, 2, 2, color.NRGBA{0xff, 0xdd, 0x57, 0xff}},
	{5, 11, 9, 2, color.NRGBA{0x5d, 0xb4, 0xca, 0xff}},
}

func logoSVG() []byte {
	var b bytes.Buffer
	b.WriteString(`<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 16 16"><title>rt0</title>`)
	for _, r := range logo {
		fmt.Fprintf(&b, `<rect x="%d" y="%d" width="%d" height="%d" fill="#%02x%02x%02x"/>`, r.x, r.y, r.w, r.h, r.c.R, r.c.G, r.c.B)
	}
	b.WriteString("</svg>\n")
	return b.Bytes()
}

// logoPNG returns the logo with that many pixels a side, a multiple of 16.
func logoPNG(side int) []byte {
	img := image.NewNRGBA(image.Rect(0, 0, side, side))
	k := side / 16
	for _, r := range logo {
		for y := r.y * k; y < (r.y+r.h)*k; y++ {
			for x := r.x * k; x < (r.x+r.w)*k; x++ {
				img.SetNRGBA(x, y, r.c)
			}
		}
	}
	var b bytes.Buffer
	png.Encode(&b, img) // a Buffer takes everything
	return b.Bytes()
}
