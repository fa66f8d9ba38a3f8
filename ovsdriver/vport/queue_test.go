package vport

import (
	"errors"
	"math"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/ivs-go/ivs/internal/link"
	"github.com/ivs-go/ivs/openflow/ofp13"
	"github.com/ivs-go/ivs/ovsdriver/datapath"
)

func shapeEvent(kind link.EventKind, index int, handle uint32) link.Event {
	return link.Event{Kind: kind, Link: link.Link{Index: index}, Handle: handle}
}

// queueStats reads all that is told of queues, or the error.
func queueStats(p *Ports, no, queue uint32) ([]ofp13.QueueStats, error) {
	read, err := p.QueueStats(no, queue)
	if err != nil {
		return nil, err
	}
	stream, err := read()
	if err != nil {
		return nil, err
	}
	var list []ofp13.QueueStats
	for b, more := stream.Next(nil); more; b, more = stream.Next(nil) {
		var s ofp13.QueueStats
		if rest, err := s.DecodeNext(b); err != nil || len(rest) > 0 {
			return nil, errors.Join(err, errors.New("malformed"))
		}
		list = append(list, s)
	}
	return list, nil
}

// queued is a switch whose port 1 has two queues, port 2 one, port 3 none.
func queued(t *testing.T) (*world, *Ports) {
	w, p := newWorld("eth1", "eth2", "eth3") // indexes 10, 11, 12
	for _, name := range []string{"eth1", "eth2", "eth3"} {
		add(t, p, name)
	}
	if _, err := p.Add("ivs", datapath.LocalPort); err != nil {
		t.Fatal(err)
	}
	w.classes[10] = []link.Class{
		{Handle: 0x10010, Rate: 1_250_000, Ceil: 1_250_000_000, Bytes: 500, Packets: 5, Drops: 2},
		{Handle: 0x10020, Rate: 125_000_000, Ceil: 625_000_000},
	}
	w.classes[11] = []link.Class{{Handle: 0x80020010, Rate: 1, Ceil: math.MaxUint64}}
	w.classes[w.links["ivs"].Index] = []link.Class{{Handle: 0x10001}} // the host's own
	p.HandleLink(shapeEvent(link.Shaped, 10, 0x10000))
	p.HandleLink(shapeEvent(link.ClassAdded, 10, 0x10010))
	w.now = w.now.Add(time.Second)
	p.HandleLink(shapeEvent(link.ClassAdded, 10, 0x10020))
	p.HandleLink(shapeEvent(link.ClassAdded, 10, 0x10010)) // changed only
	w.now = w.now.Add(90*time.Second + 5)
	w.took()
	w.asked = 0
	return w, p
}

func TestQueueStats(t *testing.T) {
	w, p := queued(t)
	one := ofp13.QueueStats{PortNo: 1, QueueID: 0x10, TxBytes: 500, TxPackets: 5, TxErrors: 2, DurationSec: 91, DurationNsec: 5}
	two := ofp13.QueueStats{PortNo: 1, QueueID: 0x20, DurationSec: 90, DurationNsec: 5}
	three := ofp13.QueueStats{PortNo: 2, QueueID: 0x10} // its events have not come
	tests := []struct {
		name      string
		no, queue uint32
		want      []ofp13.QueueStats
		code      uint16 // of the error, plus one
	}{
		{"all", ofp13.PortAny, ofp13.QueueAll, []ofp13.QueueStats{one, two, three}, 0},
		{"one port's", 1, ofp13.QueueAll, []ofp13.QueueStats{one, two}, 0},
		{"one", 1, 0x20, []ofp13.QueueStats{two}, 0},
		{"one of all ports", ofp13.PortAny, 0x10, []ofp13.QueueStats{one, three}, 0},
		{"a port without queues", 3, ofp13.QueueAll, nil, 0},
		{"LOCAL", ofp13.PortLocal, ofp13.QueueAll, nil, 0},
		{"no such queue", 1, 0x30, nil, 1 + ofp13.QueueOpFailedBadQueue},
		{"no such queue anywhere", ofp13.PortAny, 0x30, nil, 1 + ofp13.QueueOpFailedBadQueue},
		{"queue of a port without", 3, 0x10, nil, 1 + ofp13.QueueOpFailedBadQueue},
		{"no such port", 9, ofp13.QueueAll, nil, 1 + ofp13.QueueOpFailedBadPort},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			got, err := queueStats(p, tt.no, tt.queue)
			if diff := cmp.Diff(tt.want, got); diff != "" {
				t.Errorf("statistics (-want +got)\n%s", diff)
			}
			wantCode(t, err, tt.code)
		})
	}
	w.fail["classes 11"] = errors.New("no memory")
	_, err := queueStats(p, ofp13.PortAny, ofp13.QueueAll)
	wantCode(t, err, 1+ofp13.QueueOpFailedEPerm)
}

// wantCode wants no error for 0, and else OFPET_QUEUE_OP_FAILED with a code, plus
// one.
func wantCode(t *testing.T, err error, code uint16) {
	t.Helper()
	if code == 0 && err == nil {
		return
	}
	if code == 0 || !errors.Is(err, &ofp13.Error{Type: ofp13.ErrTypeQueueOpFailed, Code: code - 1}) {
		t.Errorf("error %v, want code %d", err, int(code)-1)
	}
}

// Main only selects: the host is asked by whoever reads.
func TestQueuesAreReadByTheReader(t *testing.T) {
	w, p := queued(t)
	stats, err := p.QueueStats(ofp13.PortAny, ofp13.QueueAll)
	config, err2 := p.QueueConfig(ofp13.PortAny)
	if err != nil || err2 != nil || w.asked != 0 {
		t.Fatalf("asked the host %d times; %v, %v", w.asked, err, err2)
	}
	_, err = stats()
	_, err2 = config()
	if err != nil || err2 != nil || w.asked != 6 {
		t.Errorf("then %d times, want 6; %v, %v", w.asked, err, err2)
	}
}

func TestQueueConfig(t *testing.T) {
	w, p := queued(t) // of 10 Gbit/s
	rates := func(least, most uint16) []ofp13.QueueProperty {
		return []ofp13.QueueProperty{{Property: ofp13.QueuePropMinRate, Rate: least}, {Property: ofp13.QueuePropMaxRate, Rate: most}}
	}
	read := func(no uint32) ([]ofp13.PacketQueue, error) {
		read, err := p.QueueConfig(no)
		if err != nil {
			return nil, err
		}
		return read()
	}
	got, err := read(ofp13.PortAny)
	want := []ofp13.PacketQueue{
		{QueueID: 0x10, Port: 1, Properties: rates(1, 1000)},
		{QueueID: 0x20, Port: 1, Properties: rates(100, 500)},
		{QueueID: 0x10, Port: 2, Properties: rates(1, 1000)},
	}
	if diff := cmp.Diff(want, got); diff != "" || err != nil {
		t.Errorf("queues, %v (-want +got)\n%s", err, diff)
	}
	if got, err := read(2); len(got) != 1 || err != nil {
		t.Errorf("of port 2: %v, %v", got, err)
	}
	if got, err := read(3); len(got) != 0 || err != nil {
		t.Errorf("of a port without: %v, %v", got, err)
	}
	_, err = read(9)
	wantCode(t, err, 1+ofp13.QueueOpFailedBadPort)

	// As many as fit into a message, and one more.
	w.classes[12] = make([]link.Class, maxQueues)
	got, err = read(3)
	reply := (&ofp13.QueueGetConfigReply{Port: 3, Queues: got}).AppendTo(nil, 1)
	if err != nil || len(reply) > 1<<16-1 || len(reply)+48 <= 1<<16-1 {
		t.Errorf("%d queues make %d bytes, %v", maxQueues, len(reply), err)
	}
	w.classes[12] = make([]link.Class, maxQueues+1)
	_, err = read(3)
	wantCode(t, err, 1+ofp13.QueueOpFailedEPerm)
}

func TestShare(t *testing.T) {
	for _, tt := range []struct {
		mbps, rate uint64
		want       uint16
	}{
		{0, 1000, rateUnknown}, {10, 1_250_000, 1000}, {10, 625_000, 500}, {10, 625_624, 500}, {10, 625_625, 501},
		{10, 1, 1}, {10, 0, 1}, {10, 1 << 40, 1000}, {1_000_000, 125_000_000_000, 1000}, {1000, math.MaxUint64, 1000},
	} {
		o := queueOwner{mbps: tt.mbps}
		if got := o.share(tt.rate); got != tt.want {
			t.Errorf("%d bytes/s of %d Mbit/s are %d, want %d", tt.rate, tt.mbps, got, tt.want)
		}
	}
}

// Forwarding learns the major number, of ports only and once.
func TestShapesArePublished(t *testing.T) {
	w, p := newWorld("eth1")
	p.HandleLink(shapeEvent(link.Shaped, 10, 0x10000)) // before it is a port
	add(t, p, "eth1")
	major := func() uint16 { return w.seen.Get(1).HTB }
	if major() != 1 {
		t.Errorf("an htb that was there before: %d", major())
	}
	w.took()
	p.HandleLink(shapeEvent(link.ClassAdded, 10, 0x10010))
	p.HandleLink(shapeEvent(link.ClassGone, 10, 0x10010))
	p.HandleLink(shapeEvent(link.ClassGone, 77, 0x10010))
	p.HandleLink(shapeEvent(link.Shaped, 77, 0x10000))
	want(t, w.took())
	p.HandleLink(shapeEvent(link.Shaped, 10, 0x80020000))
	want(t, w.took(), "publish 1=eth1")
	if major() != 0x8002 {
		t.Errorf("another htb: %#x", major())
	}
	p.HandleLink(shapeEvent(link.Shaped, 10, 0))
	if major() != 0 {
		t.Errorf("none any more: %#x", major())
	}
	p.HandleLink(shapeEvent(link.Shaped, 10, 0x10000))
	gone := w.links["eth1"]
	delete(w.links, "eth1")
	p.HandleLink(link.Event{Kind: link.Gone, Link: gone})
	if len(p.shapes) != 1 { // the one of interface 77
		t.Errorf("shapes of interfaces that are gone: %v", p.shapes)
	}
}
