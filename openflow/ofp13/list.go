package ofp13

import "encoding/binary"

// listed is what a list inside a message holds, such as the actions of an
// instruction: append writes one, decode reads the one at the start of b, whose
// length it returns.
type listed[T any] interface {
	*T
	append(b []byte) []byte
	decode(b []byte) (n int, err error)
}

// appendList appends a list.
func appendList[T any, P listed[T]](b []byte, list []T) []byte {
	for i := range list {
		b = P(&list[i]).append(b)
	}
	return b
}

// decodeList reads a list that fills b, into the capacity of list. It fails as
// the decode of its elements does.
func decodeList[T any, P listed[T]](b []byte, list []T) ([]T, error) {
	list = list[:0]
	for len(b) > 0 {
		list = grow(list)
		n, err := P(&list[len(list)-1]).decode(b)
		if err != nil {
			return list[:len(list)-1], err
		}
		b = b[n:]
	}
	return list, nil
}

// skipList checks of a list that fills b no more than what size tells: the length
// of the element at the start of b.
func skipList(b []byte, size func(b []byte) (n int, err error)) error {
	for len(b) > 0 {
		n, err := size(b)
		if err != nil {
			return err
		}
		b = b[n:]
	}
	return nil
}

// grow lengthens s by one element, which keeps what an earlier use left in it:
// the capacity of slices inside.
func grow[T any](s []T) []T {
	if len(s) < cap(s) {
		return s[:len(s)+1]
	}
	var zero T
	return append(s, zero)
}

// cutElement takes the first element of b, whose length is its first two bytes
// and at least size.
func cutElement(b []byte, what string, size int) (element, rest []byte, err error) {
	if len(b) < size {
		return nil, nil, badLen("%s has %d bytes, not %d or more", what, len(b), size)
	}
	n := int(binary.BigEndian.Uint16(b))
	if n < size || n > len(b) {
		return nil, nil, badLen("%s says %d bytes of %d", what, n, len(b))
	}
	return b[:n], b[n:], nil
}

// finishElement writes the length of what was appended since start into its
// first two bytes, and returns b.
func finishElement(b []byte, start int) []byte {
	binary.BigEndian.PutUint16(b[start:], uint16(len(b)-start))
	return b
}
