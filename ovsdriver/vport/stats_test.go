package vport

import (
	"errors"
	"testing"
	"time"

	"github.com/ivs-go/ivs/internal/link"
	"github.com/ivs-go/ivs/openflow/ofp13"
	"github.com/ivs-go/ivs/ovsdriver/datapath"
)

func TestStatsOfInternalPortsAreSeenFromTheSwitch(t *testing.T) {
	w, p := newWorld("eth1")
	add(t, p, "eth1")
	if _, err := p.Add("in0", datapath.Internal); err != nil {
		t.Fatal(err)
	}
	for _, name := range []string{"eth1", "in0"} {
		l := w.links[name]
		l.Stats = link.Stats{RxPackets: 5, TxPackets: 7}
		w.links[name] = l
	}
	list := p.List()
	if eth, in := list[0].Stats(), list[1].Stats(); eth.RxPackets != 5 || in.RxPackets != 7 {
		t.Errorf("received: %d by eth1, %d by in0; want 5 and 7", eth.RxPackets, in.RxPackets)
	}
	w.asked = 0
	stream, err := p.PortStats(ofp13.PortAny)
	if err != nil || w.asked != 0 {
		t.Errorf("PortStats asked the host %d times, %v; want that left to the reader", w.asked, err)
	}
	for _, received := range []uint64{5, 7} {
		var s ofp13.PortStats
		b, ok := stream.Next(nil)
		if _, err := s.DecodeNext(b); !ok || err != nil || s.RxPackets != received || s.TxPackets != 12-received {
			t.Errorf("statistics %+v, %v; want %d packets received", s, err, received)
		}
	}
	if _, ok := stream.Next(nil); ok {
		t.Error("statistics of a third port")
	}
	if _, err := p.PortStats(77); !errors.Is(err, &ofp13.Error{Type: ofp13.ErrTypeBadRequest, Code: ofp13.BadRequestBadPort}) {
		t.Errorf("statistics of port 77: %v", err)
	}
}

// Every field of struct ofp_port_stats (§7.3.5.6) has its counter.
func TestPortStatsFields(t *testing.T) {
	w, p := newWorld("eth1")
	add(t, p, "eth1")
	l := w.links["eth1"]
	l.Stats = link.Stats{
		RxPackets: 1, TxPackets: 2, RxBytes: 3, TxBytes: 4, RxDropped: 5, TxDropped: 6, RxErrors: 7, TxErrors: 8,
		RxFrameErrors: 9, RxOverErrors: 10, RxCRCErrors: 11, Collisions: 12,
	}
	w.links["eth1"] = l
	w.now = w.now.Add(time.Hour + 5)
	stream, err := p.PortStats(1)
	if err != nil {
		t.Fatal(err)
	}
	b, _ := stream.Next(nil)
	var got ofp13.PortStats
	if _, err := got.DecodeNext(b); err != nil {
		t.Fatal(err)
	}
	want := ofp13.PortStats{
		PortNo: 1, RxPackets: 1, TxPackets: 2, RxBytes: 3, TxBytes: 4, RxDropped: 5, TxDropped: 6, RxErrors: 7, TxErrors: 8,
		RxFrameErr: 9, RxOverErr: 10, RxCRCErr: 11, Collisions: 12, DurationSec: 3600, DurationNsec: 5,
	}
	if got != want {
		t.Errorf("statistics\n%+v, want\n%+v", got, want)
	}
}

// What the datapath drops at a port, and the host does not know of, is dropped
// by the port.
func TestStatsCountTheDatapathsDrops(t *testing.T) {
	w, p := newWorld("eth1")
	add(t, p, "eth1")
	if _, err := p.Add("in0", datapath.Internal); err != nil {
		t.Fatal(err)
	}
	w.drops = map[datapath.PortNo]datapath.PortDrops{1: {Rx: 100, Tx: 200}, 2: {Rx: 300, Tx: 400}}
	for _, name := range []string{"eth1", "in0"} {
		l := w.links[name]
		l.Stats = link.Stats{RxDropped: 5, TxDropped: 7}
		w.links[name] = l
	}
	stream, err := p.PortStats(ofp13.PortAny)
	if err != nil {
		t.Fatal(err)
	}
	list := p.List()
	for i, want := range []ofp13.PortStats{{PortNo: 1, RxDropped: 105, TxDropped: 207}, {PortNo: 2, RxDropped: 307, TxDropped: 405}} {
		b, _ := stream.Next(nil)
		var got ofp13.PortStats
		if _, err := got.DecodeNext(b); err != nil || got != want {
			t.Errorf("statistics %+v, %v, want %+v", got, err, want)
		}
		if s := list[i].Stats(); s.RxDropped != want.RxDropped || s.TxDropped != want.TxDropped {
			t.Errorf("port %d is shown with %+v", want.PortNo, s)
		}
	}
}

func TestHas(t *testing.T) {
	_, p := newWorld("eth1")
	add(t, p, "eth1")
	if _, err := p.Await("eth2", datapath.Netdev); err == nil {
		t.Fatal("a missing interface was attached")
	}
	for no, want := range map[datapath.PortNo]bool{1: true, 2: true, 3: false, datapath.Local: false} {
		if p.Has(no) != want {
			t.Errorf("port %v is there: %t, want %t", no, !want, want)
		}
	}
}
