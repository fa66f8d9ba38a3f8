package kernel

import (
	"io"
	"testing"

	"github.com/mdlayher/genetlink"
	"github.com/mdlayher/netlink"
	"github.com/sirupsen/logrus"

	"github.com/ivs-go/ivs/ovsdriver/datapath"
)

func quietWatcher() *watcher {
	return &watcher{
		log: quietLog(), own: 40, dp: testIndex, types: families{datapath: 21, vport: 22},
		events: make(chan datapath.PortEvent, 4),
	}
}

func quietLog() *logrus.Entry {
	l := logrus.New()
	l.SetOutput(io.Discard)
	return logrus.NewEntry(l)
}

// notification makes a message of a multicast group.
func notification(family uint16, pid uint32, cmd uint8, dp uint32, attrs []byte) (genetlink.Message, netlink.Header) {
	return genetlink.Message{Header: genetlink.Header{Command: cmd}, Data: append(host.AppendUint32(nil, dp), attrs...)},
		netlink.Header{Type: netlink.HeaderType(family), PID: pid}
}

// TestWatcherSees checks what is news: changes of this datapath by others.
func TestWatcherSees(t *testing.T) {
	port := appendUint32Attr(nil, vportAttrPortNo, 3)
	port = appendUint32Attr(port, vportAttrType, vportInternal)
	port = appendStringAttr(port, vportAttrName, "p3")
	spec := datapath.PortSpec{No: 3, Name: "p3", Kind: datapath.Internal}
	tests := []struct {
		name   string
		family uint16
		pid    uint32
		cmd    uint8
		dp     uint32
		want   []datapath.PortEvent
	}{
		{"port added", 22, 0, cmdNew, testIndex, []datapath.PortEvent{{Kind: datapath.PortAdded, Port: spec}}},
		{"port removed", 22, 41, cmdDel, testIndex, []datapath.PortEvent{{Kind: datapath.PortRemoved, Port: spec}}},
		{"port set", 22, 41, cmdSet, testIndex, nil},
		{"by ourselves", 22, 40, cmdDel, testIndex, nil},
		{"of another datapath", 22, 41, cmdDel, testIndex + 1, nil},
		{"datapath deleted", 21, 41, cmdDel, testIndex, []datapath.PortEvent{{Kind: datapath.DatapathGone}}},
		{"datapath set", 21, 41, cmdSet, testIndex, nil},
		{"another family", 23, 41, cmdDel, testIndex, nil},
	}
	for _, tt := range tests {
		w := quietWatcher()
		w.see(notification(tt.family, tt.pid, tt.cmd, tt.dp, port))
		if len(w.events) != len(tt.want) {
			t.Errorf("%s: %d events, want %d", tt.name, len(w.events), len(tt.want))
			continue
		}
		for _, want := range tt.want {
			if got := <-w.events; got != want {
				t.Errorf("%s: event %+v, want %+v", tt.name, got, want)
			}
		}
	}
	w := quietWatcher()
	w.see(genetlink.Message{Data: []byte{1, 2}}, netlink.Header{Type: 22})
	if len(w.events) != 0 {
		t.Error("a message that is cut off became an event")
	}
}

// TestWatcherSetsFeaturesBack has others change the datapath's features, as
// ovs-dpctl does with any command.
func TestWatcherSetsFeaturesBack(t *testing.T) {
	const perCPU = 1 << 3 // OVS_DP_F_DISPATCH_UPCALL_PER_CPU
	tests := []struct {
		name     string
		pid, dp  uint32
		features uint32
		want     int
	}{
		{"by another program", 41, testIndex, dpUnaligned | perCPU, 1},
		{"as they should be", 41, testIndex, dpUnaligned, 0},
		{"by ourselves", 40, testIndex, perCPU, 0},
		{"of another datapath", 41, testIndex + 1, perCPU, 0},
	}
	for _, tt := range tests {
		w, times := quietWatcher(), 0
		w.reclaim = func() error { times++; return nil }
		w.see(notification(21, tt.pid, cmdSet, tt.dp, appendUint32Attr(nil, dpAttrUserFeatures, tt.features)))
		if times != tt.want || len(w.events) != 0 {
			t.Errorf("%s: set back %d times, %d events, want %d and none", tt.name, times, len(w.events), tt.want)
		}
	}
}

// TestWatcherOverflow fills the queue: whatever is lost, the word that ports must
// be listed is not, nor the datapath's end.
func TestWatcherOverflow(t *testing.T) {
	w := quietWatcher()
	for range 3 * cap(w.events) {
		w.tell(datapath.PortEvent{Kind: datapath.PortRemoved})
	}
	w.tell(datapath.PortEvent{Kind: datapath.DatapathGone})
	if len(w.events) != cap(w.events) {
		t.Fatalf("%d events are queued, want %d", len(w.events), cap(w.events))
	}
	counts := map[datapath.PortEventKind]int{}
	for len(w.events) > 0 {
		counts[(<-w.events).Kind]++
	}
	if counts[datapath.PortsChanged] == 0 || counts[datapath.DatapathGone] != 1 {
		t.Errorf("events by kind %v, want PortsChanged and one DatapathGone", counts)
	}
}

// TestAnswersFindTheirRequests gives a transaction answers out of order, and some
// that are not its own.
func TestAnswersFindTheirRequests(t *testing.T) {
	tx := transaction{seq: ^uint32(0), n: 3} // the numbers wrap around
	type answer struct {
		i       int
		payload string
		failed  bool
	}
	var got []answer
	message := func(typ uint16, seq uint32, body ...byte) []byte {
		b, start := appendRequest(nil, typ, 0, seq, 0, 0, 0)
		return endRequest(append(b[:nlHeader], body...), start)
	}
	const failure, done = 2, 2 // NLMSG_ERROR
	left := 0
	for _, m := range [][]byte{
		message(failure, 1, 0xef, 0xff, 0xff, 0xff), // request 2: EEXIST
		message(failure, 9, 0, 0, 0, 0),             // an earlier run's
		message(testFamily, ^uint32(0), append(make([]byte, ovsHeader-nlHeader), "counters"...)...),
		message(done, ^uint32(0), 0, 0, 0, 0), // request 0
		message(done, 0, 0, 0, 0, 0),          // request 1
		{1, 2, 3},
	} {
		left += tx.dispatch(m, func(i int, payload []byte, err error) {
			got = append(got, answer{i, string(payload), err != nil})
		})
	}
	want := []answer{{2, "", true}, {0, "counters", false}, {0, "", false}, {1, "", false}}
	if left != 3 || len(got) != len(want) {
		t.Fatalf("%d requests ended with %v, want 3 with %v", left, got, want)
	}
	for i := range want {
		if got[i] != want[i] {
			t.Errorf("answer %d: %v, want %v", i, got[i], want[i])
		}
	}
}
