package translate

import "github.com/ivs-go/ivs/flowtable"

// maxLabels is how many MPLS label stack entries a walk keeps track of: the
// three that a key holds and three pushed above them. More pushes make it parse
// the frame again.
const maxLabels = 6

// Parts of a label stack entry (RFC 3032 §2.1).
const (
	entryTTL    = 0xff
	entryBottom = 1 << 8
)

// label is a label stack entry of the frame as it is now, or the place of one
// that may be absent: then it is 0.
type label struct {
	entry   uint32
	written uint32 // bits of entry that actions have written
	unknown uint32 // bits that only the frame can tell
	pushed  bool   // by an action: it is certainly there
	origin  int8   // which entry of the frame bits not written come from; fromNone if none
}

// noLabel is a place where there certainly is no entry.
var noLabel = label{written: ^uint32(0), pushed: true, origin: fromNone}

// labelStack is the label stack of the frame as it is now, outermost entry
// first. While it has not moved, the words of the key tell the same.
type labelStack struct {
	labels [maxLabels]label
	n      int8 // places in use
	moved  bool
}

// labelFields are the entries that a key holds.
var labelFields = [...]flowtable.Field{flowtable.MPLS0, flowtable.MPLS1, flowtable.MPLS2}

// load takes over what the key says: all of it, or what set-fields have written
// into the outermost entry since the stack has moved.
func (s *labelStack) load(k *flowtable.Key, written *flowtable.Mask) {
	if s.moved {
		s.labels[0].entry = uint32(k.Get(flowtable.MPLS0))
		s.labels[0].written = uint32(written.Get(flowtable.MPLS0))
		return
	}
	s.n = int8(len(labelFields))
	for i, f := range labelFields {
		s.labels[i] = label{entry: uint32(k.Get(f)), written: uint32(written.Get(f)), origin: int8(i)}
	}
	for i := len(labelFields); i < maxLabels; i++ {
		s.labels[i] = label{unknown: ^uint32(0), origin: fromNone}
	}
}

// store writes the outermost entries into the key, and returns which of them the
// key does not tell.
func (s *labelStack) store(k *flowtable.Key, written *flowtable.Mask) (stale region) {
	s.moved = true
	for i, f := range labelFields {
		l := &s.labels[i]
		k.Set(f, uint64(l.entry))
		written.Set(f, uint64(l.written))
		if l.unknown != 0 {
			stale |= partLabel0 << i
		}
	}
	if s.labels[0].unknown == entryTTL {
		stale = stale&^partLabel0 | partTTL0
	}
	return stale
}

// clear makes it the stack of a frame without labels.
func (s *labelStack) clear() {
	for i := range s.labels {
		s.labels[i] = noLabel
	}
	s.n, s.moved = 0, true
}

// forget makes entries from one on unknown.
func (s *labelStack) forget(from int) {
	for i := from; i < maxLabels; i++ {
		s.labels[i] = label{written: ^uint32(0), unknown: ^uint32(0), origin: fromNone}
	}
}

// full reports whether there is no place for another entry.
func (s *labelStack) full() bool { return s.n == maxLabels }

// push puts an entry on top.
func (s *labelStack) push(l label) {
	copy(s.labels[1:], s.labels[:maxLabels-1])
	s.labels[0] = l
	s.n++
}

// pop removes the outermost entry. What comes up from below is unknown.
func (s *labelStack) pop() {
	copy(s.labels[:], s.labels[1:])
	s.labels[maxLabels-1] = label{unknown: ^uint32(0), origin: fromNone}
	s.n = max(s.n-1, 0)
}

// origins is as tagStack.origins, of labels. It takes the bits out of bits that
// it has translated.
func (s *labelStack) origins(bits, mask *flowtable.Mask) {
	if !s.moved {
		return
	}
	for i, f := range labelFields {
		if b := bits.Get(f); b != 0 {
			bits.Set(f, 0)
			if o := s.labels[i].origin; o != fromNone {
				mask.Add(labelFields[o], b)
			}
		}
	}
}

// presents is as tagStack.presents, of labels: it replaces what mask says of the
// frame's entries by what that says of the key's.
func (s *labelStack) presents(mask *flowtable.Mask) {
	if !s.moved {
		return
	}
	var from, now [len(labelFields)]uint64
	for i, f := range labelFields {
		from[i] = mask.Get(f)
	}
	for i := range labelFields {
		if o := s.labels[i].origin; o != fromNone {
			now[i] = from[o]
		}
	}
	for i, f := range labelFields {
		mask.Set(f, now[i])
	}
}
