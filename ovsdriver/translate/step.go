package translate

import (
	"github.com/ivs-go/ivs/flowtable"
	"github.com/ivs-go/ivs/openflow/ofp13"
	"github.com/ivs-go/ivs/ovsdriver/datapath"
	"github.com/ivs-go/ivs/ovsdriver/packet"
)

// maxActions bounds what one frame can set off: the ports of a big switch
// flooded a few times over. Beyond it the walk ends.
const maxActions = 8192

// noCookie is the cookie of a packet-in that no entry is told to have caused.
const noCookie = ^uint64(0)

// do executes one action, which entry e of a table asked for.
func (r *Result) do(o *op, e *Entry, table uint8) verdict {
	w := &r.walk
	if w.stale != 0 && w.stale&o.needs() != 0 {
		return freeze
	}
	if w.trace != nil {
		w.trace.action(o)
	}
	switch o.kind {
	case opOutput:
		r.output(o, e, table)
	case opSet:
		if v := r.setField(o); v != goOn {
			return v
		}
	case opPushVLAN:
		return r.pushVLAN(o.etherType)
	case opPopVLAN:
		r.popVLAN()
	case opPushMPLS:
		return r.pushMPLS(o.etherType)
	case opPopMPLS:
		return r.popMPLS(o.etherType)
	case opPushPBB:
		r.pushPBB()
	case opPopPBB:
		r.popPBB()
	case opDecTTL:
		return r.decTTL(e, table)
	case opGroup:
		return r.enter(o.group, e, table)
	case opDecMPLSTTL:
		return r.decMPLSTTL(e, table)
	case opCopyTTLOut:
		r.copyTTL(datapath.CopyTTLOut)
	case opCopyTTLIn:
		r.copyTTL(datapath.CopyTTLIn)
	case opQueue:
		w.queue = uint16(o.value)
	}
	if len(r.Actions) >= maxActions {
		w.long = true
		return drop
	}
	return goOn
}

// emit appends a datapath action.
func (r *Result) emit(a datapath.Act) {
	if a.Kind != datapath.Set {
		r.walk.settle()
	}
	r.Actions = append(r.Actions, a)
}

// meets reports whether a condition holds of the frame as it is now, and has
// then looked at it.
func (w *walk) meets(c *cond) bool {
	w.lookAt(c.field, c.bits)
	return c.holds(w.key.Get(c.field))
}

// setField writes a field, if the frame has it.
func (r *Result) setField(o *op) verdict {
	w := &r.walk
	f := o.field
	for i := range f.conds {
		if !w.meets(&f.conds[i]) {
			r.absent()
			return goOn
		}
	}
	if h := w.holder(f.view); h != nil {
		if p := w.has(h); p != here {
			return r.lacks(p)
		}
	}
	switch f.view {
	case flowtable.VLANVID, flowtable.VLANPCP:
		r.setTag(f.view, o.value)
	case flowtable.TunnelID:
		// Not a header of the frame: it tells a tunnel port, if there were one.
		w.set64(f.view, o.value)
	case flowtable.EthType:
		r.setType(o.value)
	case flowtable.MPLSLabel, flowtable.MPLSTC, flowtable.MPLSBOS, flowtable.MPLSTTL:
		return r.setLabel(f.view, o.value)
	case flowtable.PBBISID:
		r.setISID(o.value)
	default:
		r.emitSet(f.view, o.value)
		if f.wide {
			r.emitSet(f.low, o.low)
		}
		w.reshape(f.view)
	}
	return goOn
}

// absent tells that the packet lacks what an action is about.
func (r *Result) absent() {
	if t := r.walk.trace; t != nil {
		t.say("no such field in this packet")
	}
}

// setType writes the EtherType. Of a frame with more tags than a key holds, or
// one that is cut short, only the frame tells it, before and after.
func (r *Result) setType(value uint64) {
	w := &r.walk
	w.settle()
	w.lookAt(flowtable.EthType, flowtable.EthType.Ones())
	r.emit(datapath.Act{Kind: datapath.Set, Field: flowtable.EthType, Value: value})
	if t := w.key.Get(flowtable.EthType); t == packet.TypeVLAN || t == packet.TypeSVLAN {
		w.stale |= partType | partTags | partPayload
		return
	}
	w.uncover(uint16(value))
}

// emitSet writes one field of the key and of the frame.
func (r *Result) emitSet(f flowtable.Field, value uint64) {
	r.walk.set64(f, value)
	r.emit(datapath.Act{Kind: datapath.Set, Field: f, Value: value})
}

// set64 writes a field of the key.
func (w *walk) set64(f flowtable.Field, value uint64) {
	w.key.Set(f, value)
	w.written.Exact(f)
}

// reshape notes which parts of the key a write of the field has made stale,
// since it gives the bytes after it another meaning, or known.
func (w *walk) reshape(f flowtable.Field) {
	switch f {
	case flowtable.EthDst:
		w.stale &^= partDst
	case flowtable.EthSrc:
		w.stale &^= partSrc
	case flowtable.IPDSCP:
		w.stale &^= partDSCP
	case flowtable.IPProto:
		w.stale |= partL4
	case flowtable.L4Src, flowtable.L4Dst: // the type and code of ICMPv6 say what options follow
		if w.key.Get(flowtable.EthType) == packet.TypeIPv6 && w.key.Get(flowtable.IPProto) == packet.ProtoICMPv6 {
			w.stale |= partL4
		}
	}
}

// decTTL decrements the IP TTL. A packet whose TTL would become zero goes to the
// controller instead of anywhere else (§5.12).
func (r *Result) decTTL(e *Entry, table uint8) verdict {
	w := &r.walk
	if !w.meets(&isIP) {
		r.absent()
		return goOn
	}
	w.lookAt(flowtable.IPTTL, flowtable.IPTTL.Ones())
	ttl := w.key.Get(flowtable.IPTTL)
	if ttl == 0 {
		if p := w.has(w.holder(flowtable.IPTTL)); p != here {
			return r.lacks(p)
		}
	}
	if ttl <= 1 {
		r.packetIn(e, table, ofp13.ReasonInvalidTTL, ofp13.ControllerMaxNoBuffer)
		return drop
	}
	r.emitSet(flowtable.IPTTL, ttl-1)
	return goOn
}

// packetIn hands a copy of the frame to the controller. It has the cookie of the
// entry whose list asks for that; from a bucket or the action set it has none
// (§7.4.1).
func (r *Result) packetIn(e *Entry, table, why uint8, maxLen uint16) {
	w := &r.walk
	p := PacketIn{
		Table:    table,
		Reason:   why,
		MaxLen:   maxLen,
		Cookie:   noCookie,
		Metadata: w.key.Get(flowtable.Metadata),
	}
	if w.written.Get(flowtable.TunnelID) != 0 {
		p.TunnelID = w.key.Get(flowtable.TunnelID)
	}
	if e != nil && w.phase == phaseApply {
		p.Cookie = e.Cookie
	}
	r.emit(datapath.Act{Kind: datapath.Controller, Value: uint64(len(r.PacketIns))})
	r.PacketIns = append(r.PacketIns, p)
	if w.trace != nil {
		w.trace.packetIn(&p)
	}
}

// output does OFPAT_OUTPUT. Ports that are not there or must not send get
// nothing, and nor does the ingress port unless IN_PORT names it.
func (r *Result) output(o *op, e *Entry, table uint8) {
	w := &r.walk
	switch o.port {
	case ofp13.PortController:
		r.packetIn(e, table, w.reason(e), o.maxLen)
	case ofp13.PortInPort:
		r.send(w.ingress)
	case ofp13.PortAll, ofp13.PortFlood:
		// Without a spanning tree or a NORMAL path of our own, FLOOD is ALL
		// (§4.5): all ports but the ingress and those that must not send.
		r.token(FloodToken)
		for _, no := range w.view.ports.flood {
			if no != w.ingress {
				r.emitOutput(no)
			}
		}
	default:
		if no := datapath.PortNo(o.port); no != w.ingress {
			r.send(no)
		}
	}
}

// send outputs to one port, if it sends.
func (r *Result) send(no datapath.PortNo) {
	w := &r.walk
	r.token(PortToken(no))
	p := w.view.ports.Get(no)
	if p == nil || !p.sends() {
		if w.trace != nil {
			w.trace.say("that port does not send")
		}
		return
	}
	r.emitOutput(no)
}
