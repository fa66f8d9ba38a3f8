package translate

import (
	"fmt"
	"io"
	"strconv"

	"github.com/ivs-go/ivs/flowtable"
	"github.com/ivs-go/ivs/openflow/ofp13"
	"github.com/ivs-go/ivs/ovsdriver/datapath"
)

// Trace takes key through v's tables, as Translate does, and writes what
// happens, line by line: the packet's fields, each table with the entry that is
// hit, its fields and masks, each action, and at the end what the datapath is
// told. Errors are w's.
func Trace(v *View, key *flowtable.Key, w io.Writer) error {
	t := &tracer{}
	t.line("packet: %s", match(key, frameMask(key)))
	var r Result
	r.walk.trace = t
	translate(v, key, &r)
	if r.Resume {
		t.line("  the rest depends on headers below those that were parsed")
	}
	t.depth = 0
	t.line("mask: %s", match(key, &r.Mask))
	t.line("actions: %s", words(r.Actions))
	if r.Slow != 0 {
		t.line("not cached: %s", r.Slow)
	}
	_, err := w.Write(t.text)
	return err
}

// tracer tells a walk in words. A walk without one has nil.
type tracer struct {
	text  []byte
	depth int // groups that the walk is in
}

func (t *tracer) line(format string, args ...any) {
	for range t.depth {
		t.text = append(t.text, "    "...)
	}
	t.text = append(fmt.Appendf(t.text, format, args...), '\n')
}

// say adds a remark on the last action.
func (t *tracer) say(remark string) { t.line("    %s", remark) }

// lookup tells what a table says; e is nil for a miss.
func (t *tracer) lookup(w *walk, e *Entry) {
	t.line("table %d", w.table)
	if e == nil {
		t.line("  miss, dropping")
		return
	}
	name := "hit entry"
	if isTableMiss(e) {
		name = "hit table-miss entry"
	}
	t.line("  %s: priority=%d cookie=%#x", name, e.Priority, e.Cookie)
	key := e.Key()
	t.line("  fields: %s", match(&key, e.Mask()))
}

// rest tells the instructions after apply-actions.
func (t *tracer) rest(w *walk, p *Program) {
	if p.clear {
		t.line("  clear actions")
	}
	for i := range p.write {
		t.line("  write %s", &p.write[i])
	}
	if p.metaMask != 0 {
		t.line("  metadata=%#x", w.key.Get(flowtable.Metadata))
	}
	if p.jump {
		t.line("  goto table %d", p.next)
	}
}

// action tells an action that is about to be done.
func (t *tracer) action(o *op) { t.line("  %s", o) }

// packetIn tells what goes to the controller.
func (t *tracer) packetIn(p *PacketIn) {
	t.line("    packet-in: reason=%d table=%d cookie=%#x", p.Reason, p.Table, p.Cookie)
}

// String names the action as OpenFlow does.
func (o *op) String() string {
	switch o.kind {
	case opOutput:
		return "output " + portName(o.port)
	case opPushVLAN:
		return fmt.Sprintf("push_vlan 0x%04x", o.etherType)
	case opPopVLAN:
		return "pop_vlan"
	case opPushMPLS:
		return fmt.Sprintf("push_mpls 0x%04x", o.etherType)
	case opPopMPLS:
		return fmt.Sprintf("pop_mpls 0x%04x", o.etherType)
	case opPushPBB:
		return "push_pbb 0x88e7"
	case opPopPBB:
		return "pop_pbb"
	case opDecTTL:
		return "dec_nw_ttl"
	case opGroup:
		return fmt.Sprintf("group %d", o.group)
	case opDecMPLSTTL:
		return "dec_mpls_ttl"
	case opCopyTTLOut:
		return "copy_ttl_out"
	case opCopyTTLIn:
		return "copy_ttl_in"
	case opQueue:
		return fmt.Sprintf("set_queue %d", o.value)
	}
	set := []datapath.Act{{Kind: datapath.Set, Field: o.field.view, Value: o.value}}
	if o.field.wide {
		set = append(set, datapath.Act{Kind: datapath.Set, Field: o.field.low, Value: o.low})
	}
	return words(set)
}

// words shows datapath actions.
func words(list []datapath.Act) string {
	b := datapath.AppendActs(nil, list)
	return string(b[:len(b)-1])
}

// portName is a port's number, or the name of a reserved one (§7.2.1).
func portName(port uint32) string {
	switch port {
	case ofp13.PortInPort:
		return "IN_PORT"
	case ofp13.PortTable:
		return "TABLE"
	case ofp13.PortFlood:
		return "FLOOD"
	case ofp13.PortAll:
		return "ALL"
	case ofp13.PortController:
		return "CONTROLLER"
	case ofp13.PortLocal:
		return "LOCAL"
	}
	return strconv.FormatUint(uint64(port), 10)
}

// match shows the bits of a key that a mask selects, metadata included.
func match(key *flowtable.Key, mask *flowtable.Mask) string {
	m := flowtable.Match{Mask: *mask}
	mask.Apply(key, &m.Key)
	b := datapath.AppendMatch(nil, &m)
	if bits := mask.Get(flowtable.Metadata); bits != 0 {
		b = fmt.Appendf(b, "metadata=%#x/%#x ", m.Key.Get(flowtable.Metadata), bits)
	}
	if len(b) == 0 {
		return "any"
	}
	return string(b[:len(b)-1])
}

// frameMask selects the words in which a frame has something, and those that
// every frame has.
func frameMask(key *flowtable.Key) *flowtable.Mask {
	var m flowtable.Mask
	for f := range flowtable.NumFields {
		if v := flowtable.ViewOf(f); int(v.Word) < flowtable.PipelineWord && key.Get(f) != 0 {
			m.Exact(f)
		}
	}
	for _, f := range []flowtable.Field{flowtable.InPort, flowtable.EthDst, flowtable.EthSrc, flowtable.EthType} {
		m.Exact(f)
	}
	return &m
}

// String names the reasons.
func (s Slow) String() string {
	text := ""
	for i, name := range []string{"mask", "action", "length", "reparse"} {
		if s>>i&1 != 0 {
			text += " " + name
		}
	}
	if text == "" {
		return "none"
	}
	return text[1:]
}
