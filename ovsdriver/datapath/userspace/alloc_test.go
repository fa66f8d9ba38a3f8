package userspace

import (
	"testing"

	"github.com/ivs-go/ivs/flowtable"
	"github.com/ivs-go/ivs/ovsdriver/datapath"
	"github.com/ivs-go/ivs/ovsdriver/meter"
	"golang.org/x/sys/unix"
)

// TestForwardAllocates runs a worker by hand, frame by frame, and finds that
// neither a hit nor a miss that is executed allocates.
func TestForwardAllocates(t *testing.T) {
	l := newLab(t, 2)
	a := l.wire(1)
	d, w := l.byHand(2)
	batch := make([]datapath.Upcall, 64)
	executions := make([]datapath.Execution, 64)
	frame := append(make([]byte, vnetHeader), udp(1, nobody, 64, 7)...)
	arrive := func() {
		if _, err := unix.Write(a.fd, frame); err != nil {
			t.Fatal(err)
		}
	}

	acts := []datapath.Act{output(2), {Kind: datapath.PushVLAN, EtherType: 0x8100, Value: 5}, output(2)}
	miss := func() {
		arrive()
		n, err := w.Receive(batch)
		if err != nil || n != 1 || batch[0].Kind != datapath.Miss {
			t.Fatalf("Receive = %d, %v; kind %d", n, err, batch[0].Kind)
		}
		executions[0] = datapath.Execution{Frame: &batch[0].Frame, Key: &batch[0].Key, Actions: acts}
		if err := w.Execute(executions[:1]); err != nil {
			t.Fatal(err)
		}
	}
	miss()
	if n := testing.AllocsPerRun(200, miss); n != 0 {
		t.Errorf("a miss, received and executed, allocates %v times", n)
	}

	edited := portFlow(1, 1, datapath.Act{Kind: datapath.Set, Field: flowtable.EthSrc, Value: 0x020000000009}, output(2))
	edited.Actions = append(edited.Actions, datapath.Act{Kind: datapath.Clone, Value: 2}, datapath.Act{Kind: datapath.PopVLAN}, output(2),
		datapath.Act{Kind: datapath.Queue, Value: 0x10010}, output(2), datapath.Act{Kind: datapath.Queue, Value: 0x10050}, output(2))
	remarks := meter.New(meter.Config{Bands: []meter.Band{{Then: 1}}}, 0)
	if _, err := d.PutMeter(4, remarks); err != nil {
		t.Fatal(err)
	}
	edited.Actions = append(edited.Actions, datapath.Act{Kind: datapath.Meter, Value: 4}, output(2)) // on a copy of a frame that waits
	put(t, d, edited)
	hit := func() {
		arrive()
		if err := w.forward(true); err != nil {
			t.Fatal(err)
		}
	}
	hit()
	before := d.Counters().ExactHits
	if n := testing.AllocsPerRun(200, hit); n != 0 {
		t.Errorf("a hit allocates %v times", n)
	}
	if n := d.Counters().ExactHits - before; n < 200 {
		t.Errorf("%d exact hits, want 200 at least", n)
	}
}
