package ofp13

// Stream yields the body of a multipart reply (§7.3.5), element by element,
// from an immutable snapshot. It is pulled by a connection's writer as fast as
// the peer reads, so it must be safe off the main goroutine.
type Stream interface {
	// Next appends the next element's encoding to b and returns the longer
	// slice, or b itself and false after the last one. An element is below
	// 64 KB less the multipart header.
	Next(b []byte) ([]byte, bool)
}

// Element is one element of a multipart reply.
type Element interface {
	Append(b []byte) []byte
}

// Elements is the Stream of a list. Next consumes it.
type Elements[T Element] []T

// Next implements Stream.
func (e *Elements[T]) Next(b []byte) ([]byte, bool) {
	if len(*e) == 0 {
		return b, false
	}
	first := (*e)[0]
	*e = (*e)[1:]
	return first.Append(b), true
}
