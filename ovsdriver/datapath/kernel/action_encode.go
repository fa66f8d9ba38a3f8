package kernel

import (
	"encoding/binary"
	"fmt"

	"github.com/ivs-go/ivs/flowtable"
	"github.com/ivs-go/ivs/ovsdriver/datapath"
	"github.com/ivs-go/ivs/ovsdriver/packet"
)

// actionEncoder turns actions into OVS_ACTION_ATTR_*. It follows what they do
// to the frame as far as the kernel's checks need it (EtherType, tags), starting
// from the key and mask of the flow or of the frame.
type actionEncoder struct {
	key  *flowtable.Key
	mask *flowtable.Mask // which bits of key are known; nil for all
	pid  uint32          // of the socket that Controller sends to

	ethType uint16 // 0 when unknown, after PopMPLS
	labels  int    // label stack entries that the kernel counts
	tags    [2]tag // outermost first
}

// tag is a VLAN tag as far as it is known.
type tag struct {
	state tagState
	tpid  uint16
	tci   uint16 // with the presence bit
}

type tagState uint8

const (
	tagAbsent tagState = iota
	tagKnown           // every bit
	tagPresent
	tagUnknown // there or not
)

func newActionEncoder(key *flowtable.Key, mask *flowtable.Mask, pid uint32) actionEncoder {
	e := actionEncoder{key: key, mask: mask, pid: pid, ethType: uint16(key.Get(flowtable.EthType))}
	e.tags[0] = e.tagOf(flowtable.VLANTCI, flowtable.VLANTPID)
	e.tags[1] = e.tagOf(flowtable.VLAN2TCI, flowtable.VLAN2TPID)
	e.labels = e.countLabels()
	return e
}

// countLabels counts the label stack entries that the flow's match has, as
// planMPLS does, or that the frame has.
func (e *actionEncoder) countLabels() int {
	if !isMPLS(e.ethType) {
		return 0
	}
	n := 1
	for n < len(stack) {
		above, mask := e.key.Get(stack[n-1]), ^uint64(0)
		looked := e.key.Get(stack[n]) != 0
		if e.mask != nil {
			mask, looked = e.mask.Get(stack[n-1]), e.mask.Get(stack[n]) != 0
		}
		if above&mask&entryBottom != 0 || !looked {
			break
		}
		n++
	}
	return n
}

// known reports whether every bit of f is.
func (e *actionEncoder) known(f flowtable.Field) bool {
	return e.mask == nil || e.mask.Get(f) == f.Ones()
}

func (e *actionEncoder) tagOf(tci, tpid flowtable.Field) tag {
	t := tag{tpid: uint16(e.key.Get(tpid)), tci: uint16(e.key.Get(tci))}
	switch {
	case e.mask != nil && e.mask.Get(tci)&flowtable.VLANPresent == 0:
		t.state = tagUnknown
	case t.tci&flowtable.VLANPresent == 0:
		t.state = tagAbsent
	case e.known(tci) && e.known(tpid):
		t.state = tagKnown
	default:
		t.state = tagPresent
	}
	return t
}

// append appends the attributes of acts. Errors wrap datapath.ErrUnsupported
// when the kernel would refuse the list, or do it wrong.
func (e *actionEncoder) append(b []byte, acts []datapath.Act) ([]byte, error) {
	var err error
	first := len(b)
	for i := 0; i < len(acts) && err == nil; i++ {
		a := &acts[i]
		switch a.Kind {
		case datapath.Set:
			n := sameHeader(acts[i:])
			b, err = e.appendSet(b, acts[i:i+n])
			i += n - 1
		case datapath.Clone:
			n := a.Value
			if n > uint64(len(acts)-i-1) {
				return b, cannot("clone more actions than there are")
			}
			b, err = e.appendClone(b, acts[i+1:i+1+int(n)])
			i += int(n)
		default:
			b, err = e.appendOne(b, a)
		}
		if len(b)-first > maxActionsLen {
			return b, fmt.Errorf("%d actions are more than openvswitch takes: %w", len(acts), datapath.ErrTooMany)
		}
	}
	return b, err
}

func cannot(what string) error {
	return fmt.Errorf("openvswitch cannot %s: %w", what, datapath.ErrUnsupported)
}

func (e *actionEncoder) appendClone(b []byte, acts []datapath.Act) ([]byte, error) {
	inner := *e
	b, start := begin(b, actClone)
	b, err := inner.append(b, acts)
	return end(b, start), err
}

func (e *actionEncoder) appendOne(b []byte, a *datapath.Act) ([]byte, error) {
	switch a.Kind {
	case datapath.Output:
		v, ok := toKernelPort(a.Port)
		if !ok {
			return b, cannot(fmt.Sprintf("output to port %#x", uint32(a.Port)))
		}
		return appendUint32Attr(b, actOutput, v), nil
	case datapath.Controller:
		return e.appendUserspace(b, a.Value), nil
	case datapath.PushVLAN:
		return e.pushVLAN(b, a.EtherType, uint16(a.Value))
	case datapath.PopVLAN:
		return e.popVLAN(b), nil
	case datapath.PushMPLS:
		return e.pushMPLS(b, a)
	case datapath.PopMPLS:
		return e.popMPLS(b, a)
	case datapath.Meter:
		return appendUint32Attr(b, actMeter, uint32(a.Value)), nil
	case datapath.Queue:
		b, start := begin(b, actSet)
		return end(appendUint32Attr(b, keyPriority, uint32(a.Value)), start), nil
	}
	return b, cannot(fmt.Sprintf("do actions of kind %d", a.Kind))
}

// appendUserspace appends what sends a copy up, with its record in the userdata.
func (e *actionEncoder) appendUserspace(b []byte, record uint64) []byte {
	b, start := begin(b, actUserspace)
	b = appendUint32Attr(b, userspacePID, e.pid)
	b = host.AppendUint64(attr(b, userspaceUserdata, 8), record)
	return end(b, start)
}

// pushVLAN pushes a tag. The kernel wants the bit that it takes for presence,
// and clears it in the frame: a tag with DEI cannot be pushed.
func (e *actionEncoder) pushVLAN(b []byte, tpid, tci uint16) ([]byte, error) {
	if !isVLAN(tpid) {
		return b, cannot(fmt.Sprintf("push a tag with TPID %#04x", tpid))
	}
	tci |= flowtable.VLANPresent
	b = binary.BigEndian.AppendUint16(attr(b, actPushVLAN, 4), tpid)
	b = binary.BigEndian.AppendUint16(b, tci)
	e.tags[1] = e.tags[0]
	e.tags[0] = tag{state: tagKnown, tpid: tpid, tci: tci}
	return b, nil
}

func (e *actionEncoder) popVLAN(b []byte) []byte {
	e.tags[0], e.tags[1].state = e.tags[1], tagUnknown
	return attr(b, actPopVLAN, 0)
}

// pushMPLS pushes a label stack entry. The kernel refuses it behind a VLAN tag
// and before anything but IP, ARP and MPLS.
func (e *actionEncoder) pushMPLS(b []byte, a *datapath.Act) ([]byte, error) {
	known := e.ethType == packet.TypeIPv4 || e.ethType == packet.TypeIPv6 || e.ethType == packet.TypeARP || e.ethType == packet.TypeRARP || isMPLS(e.ethType)
	if e.tags[0].state != tagAbsent || !known || !isMPLS(a.EtherType) {
		return b, cannot("push MPLS onto such a frame")
	}
	b = binary.BigEndian.AppendUint32(attr(b, actPushMPLS, 8), uint32(a.Value))
	b = append(binary.BigEndian.AppendUint16(b, a.EtherType), 0, 0)
	e.ethType = a.EtherType
	e.labels++
	return b, nil
}

// popMPLS pops an entry. What is behind the last that was looked at was never
// looked at either: the kernel takes no action on it.
func (e *actionEncoder) popMPLS(b []byte, a *datapath.Act) ([]byte, error) {
	if e.tags[0].state != tagAbsent || !isMPLS(e.ethType) {
		return b, cannot("pop MPLS off such a frame")
	}
	e.labels--
	if e.ethType = 0; e.labels > 0 && isMPLS(a.EtherType) {
		e.ethType = a.EtherType
	}
	return appendBE16Attr(b, actPopMPLS, a.EtherType), nil
}
