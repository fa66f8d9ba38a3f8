package ofp13

// Hello is OFPT_HELLO (§7.5.1). It is the one message that may come in
// another version's clothes, so it keeps the version of its header.
type Hello struct {
	// Version is the header's: the highest that the sender speaks.
	Version uint8
	// Bitmaps is the version bitmap: version v is bit v%32 of word v/32.
	// Without words there was no such element.
	Bitmaps []uint32
}
