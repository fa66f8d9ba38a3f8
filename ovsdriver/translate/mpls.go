package translate

import (
	"github.com/ivs-go/ivs/flowtable"
	"github.com/ivs-go/ivs/openflow/ofp13"
	"github.com/ivs-go/ivs/ovsdriver/datapath"
	"github.com/ivs-go/ivs/ovsdriver/packet"
)

// pushMPLS adds a label stack entry behind the tags: a copy of the outermost one;
// or the first one, with label and traffic class 0 and the TTL of the IP header,
// or 0 without one (§5.12.1).
func (r *Result) pushMPLS(etherType uint16) verdict {
	w := &r.walk
	w.settle()
	tags := w.tagsBeforeTag()
	if w.meets(&isMPLS) {
		w.labels.load(&w.key, &w.written)
		if w.labels.full() {
			w.stale = partAll
			return freeze
		}
		top := w.labels.labels[0]
		top.entry &^= entryBottom
		top.written |= entryBottom
		top.pushed = true
		w.labels.push(top)
		w.set64(flowtable.EthType, uint64(etherType))
	} else {
		first := noLabel
		first.entry = entryBottom | uint32(w.key.Get(flowtable.IPTTL))
		owed := flowtable.IPTTL.Ones() &^ w.written.Get(flowtable.IPTTL)
		w.retype(etherType)
		w.labels.push(first)
		w.owed = owed
	}
	w.stale = w.stale&^(partTTL0|partLabels) | w.labels.store(&w.key, &w.written)
	r.emitPush(datapath.Act{Kind: datapath.PushMPLS, EtherType: etherType, Value: uint64(tags)<<32 | w.key.Get(flowtable.MPLS0)})
	return goOn
}

// tagsBeforeTag returns how many tags there are before one that no key holds,
// such as a frame's third, or 0 if there is none such. A label goes before that
// one: it is the frame's payload to all that reads a key.
func (w *walk) tagsBeforeTag() (n int) {
	if t := w.key.Get(flowtable.EthType); t != packet.TypeVLAN && t != packet.TypeSVLAN {
		return 0
	}
	w.tags.load(&w.key, &w.written)
	for i := range w.tags.tags[:w.tags.n] {
		t := &w.tags.tags[i]
		n += int(t.tci & flowtable.VLANPresent / flowtable.VLANPresent)
		if t.written&flowtable.VLANPresent == 0 {
			addTag(&w.mask, t.origin, tagBits{tci: flowtable.VLANPresent})
		}
	}
	return n
}

// popMPLS removes the outermost label stack entry; what lies below it is of this
// EtherType. Only further entries are in the key.
func (r *Result) popMPLS(etherType uint16) verdict {
	w := &r.walk
	if !w.meets(&isMPLS) {
		r.absent()
		return goOn
	}
	w.settle()
	w.labels.load(&w.key, &w.written)
	if p := w.hasLabel(&w.labels.labels[0]); p != here {
		return r.lacks(p)
	}
	r.emit(datapath.Act{Kind: datapath.PopMPLS, EtherType: etherType})
	if isMPLS.holds(uint64(etherType)) && !w.bottom() {
		w.labels.pop()
		w.set64(flowtable.EthType, uint64(etherType))
		w.stale = w.stale&^(partTTL0|partLabels) | w.labels.store(&w.key, &w.written)
	} else {
		w.uncover(etherType)
	}
	return goOn
}

// bottom reports whether the outermost entry is the last, and has then looked at
// it.
func (w *walk) bottom() bool {
	w.lookAt(flowtable.MPLSBOS, 1)
	return w.key.Get(flowtable.MPLSBOS) != 0
}

// setLabel writes a part of the outermost entry, if it is there.
func (r *Result) setLabel(f flowtable.Field, value uint64) verdict {
	w := &r.walk
	w.labels.load(&w.key, &w.written)
	if p := w.hasLabel(&w.labels.labels[0]); p != here {
		return r.lacks(p)
	}
	r.writeLabel(f, value)
	return goOn
}

// writeLabel is setLabel of an entry that is there. One just pushed is pushed
// otherwise, but for the bottom of the stack, which tells a parse where it ends.
func (r *Result) writeLabel(f flowtable.Field, value uint64) {
	w := &r.walk
	was := w.key.Get(f)
	if f == flowtable.MPLSBOS {
		w.lookAt(f, 1)
	}
	w.set64(f, value)
	if f == flowtable.MPLSTTL {
		w.owed = 0
		w.knowTTL()
	}
	if push := r.pushing(datapath.PushMPLS); push != nil && f != flowtable.MPLSBOS {
		entry := w.key.Get(flowtable.MPLS0) &^ entryBottom
		push.Value = push.Value>>32<<32 | push.Value&entryBottom | entry
		return
	}
	r.emit(datapath.Act{Kind: datapath.Set, Field: f, Value: value})
	if f == flowtable.MPLSBOS && value != was {
		// The parse ends here that went on, or the other way round.
		w.labels.load(&w.key, &w.written)
		w.labels.forget(1)
		w.stale = w.stale&^partLabels | w.labels.store(&w.key, &w.written)
	}
}

// knowTTL notes that the TTL of the outermost entry is what the key says.
func (w *walk) knowTTL() {
	if w.stale&partTTL0 != 0 {
		w.labels.load(&w.key, &w.written)
		w.labels.labels[0].unknown = 0
		w.stale &^= partTTL0
	}
}

// decMPLSTTL decrements the TTL of the outermost entry, with the same care as
// decTTL.
func (r *Result) decMPLSTTL(e *Entry, table uint8) verdict {
	w := &r.walk
	if !w.meets(&isMPLS) {
		r.absent()
		return goOn
	}
	w.lookAt(flowtable.MPLSTTL, entryTTL)
	w.payTTL()
	ttl := w.key.Get(flowtable.MPLSTTL)
	if ttl <= 1 {
		w.labels.load(&w.key, &w.written)
		if p := w.hasLabel(&w.labels.labels[0]); p != here {
			return r.lacks(p)
		}
		r.packetIn(e, table, ofp13.ReasonInvalidTTL, ofp13.ControllerMaxNoBuffer)
		return drop
	}
	r.writeLabel(flowtable.MPLSTTL, ttl-1)
	return goOn
}

// payTTL notes that the TTL that a push of a first entry has copied from the IP
// header decides something.
func (w *walk) payTTL() {
	w.mask.Add(flowtable.IPTTL, w.owed)
	w.owed = 0
}

// copyTTL copies the TTL between the two outermost headers that have one
// (§5.12): MPLS and MPLS, MPLS and IP, or IP and IP.
func (r *Result) copyTTL(kind datapath.ActKind) {
	w := &r.walk
	out := kind == datapath.CopyTTLOut
	switch {
	case w.meets(&isMPLS):
		r.emit(datapath.Act{Kind: kind})
		w.labels.load(&w.key, &w.written)
		if out {
			w.labels.labels[0].unknown |= entryTTL
		} else if !w.bottom() {
			w.labels.labels[1].unknown |= entryTTL
		}
		w.stale = w.stale&^(partTTL0|partLabels) | w.labels.store(&w.key, &w.written)
	case w.meets(&isIP) && w.meets(&tunnels):
		r.emit(datapath.Act{Kind: kind})
		if out {
			w.stale |= partNet
		}
	default:
		r.absent()
	}
}
