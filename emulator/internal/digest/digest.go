// Package digest is SHA-256 (FIPS 180-4), by which states of a machine are told apart. On most systems it is crypto/sha256,
// which uses the processor's own instructions. In a browser there are none to use, and crypto/sha256 comes with the
// self-tests and the random number generator of a certified module: fifty kilobytes on the way to the first picture, for a
// digest that keeps no secret. There the package has an implementation of its own.
package digest

// Size is the length of a digest in bytes.
const Size = 32
