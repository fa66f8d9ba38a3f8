package translate

import "github.com/ivs-go/ivs/flowtable"

// admitPort reports whether a frame may enter at its port. A frame of a port
// that the view does not know is dropped.
func (r *Result) admitPort() bool {
	w := &r.walk
	w.lookAt(flowtable.InPort, flowtable.InPort.Ones())
	r.token(PortToken(w.ingress))
	if p := w.view.ports.Get(w.ingress); p != nil && p.receives() {
		return true
	}
	if w.trace != nil {
		w.trace.line("port %d does not receive", w.ingress)
	}
	return false
}

// admitFragment reports whether a frame is no fragment or fragments may enter.
func (r *Result) admitFragment() bool {
	w := &r.walk
	if !w.view.fragDrop {
		return true
	}
	w.lookAt(flowtable.IPFrag, flowtable.IPFrag.Ones())
	if w.key.Get(flowtable.IPFrag) == flowtable.FragNone {
		return true
	}
	if w.trace != nil {
		w.trace.line("fragments are dropped")
	}
	return false
}

// token notes that the translation depends on t.
func (r *Result) token(t Token) {
	for _, have := range r.Tokens {
		if have == t {
			return
		}
	}
	r.Tokens = append(r.Tokens, t)
}

// lookAt notes that bits of a field, as it is now, decided something.
func (w *walk) lookAt(f flowtable.Field, bits uint64) {
	if !w.tags.moved && !w.labels.moved {
		v := flowtable.ViewOf(f)
		w.mask[v.Word] |= bits << v.Shift &^ w.written[v.Word]
		return
	}
	var m flowtable.Mask
	m.Set(f, bits)
	w.look(&m)
}

// look notes that bits of the key, as it is now, decided something. Bits that
// actions have written are no bits of the frame. It changes bits.
func (w *walk) look(bits *flowtable.Mask) {
	if !w.tags.moved && !w.labels.moved {
		for i, b := range bits {
			w.mask[i] |= b &^ w.written[i]
		}
		return
	}
	for i := range bits {
		bits[i] &^= w.written[i]
	}
	w.labels.origins(bits, &w.mask)
	w.tags.origins(bits, &w.mask)
}
