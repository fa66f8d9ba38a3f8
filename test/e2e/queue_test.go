package e2e

import (
	"fmt"
	"maps"
	"strings"
	"testing"
	"time"

	"github.com/ivs-go/ivs/openflow/ofp13"
)

// tc runs lines of the tc command in the switch's namespace.
func (l *lab) tc(t *testing.T, lines ...string) {
	t.Helper()
	need(t, "tc")
	for _, line := range lines {
		if out, err := l.try("tc", strings.Fields(line)...); err != nil {
			if strings.Contains(out, "qdisc kind is unknown") {
				t.Skip("this kernel has no htb")
			}
			t.Fatal(err)
		}
	}
}

// classes reads how many packets each class of an interface has sent, by its
// name, but for those that have sent none.
func (l *lab) classes(t *testing.T, dev string) map[string]int {
	t.Helper()
	counts, class := map[string]int{}, ""
	for line := range strings.Lines(l.run(t, "tc", "-s", "class", "show", "dev", dev)) {
		var bytes, packets int
		if _, err := fmt.Sscanf(line, " Sent %d bytes %d pkt", &bytes, &packets); err == nil && packets > 0 {
			counts[class] = packets
		}
		if words := strings.Fields(line); len(words) > 2 && words[0] == "class" {
			class = words[2]
		}
	}
	return counts
}

// twoHTBs gives p2 classes 1:10 and 1:20, and p3 another class 20, under a
// number that tc itself would choose.
func (l *lab) twoHTBs(t *testing.T) {
	t.Helper()
	l.tc(t,
		"qdisc add dev p2 root handle 1: htb",
		"class add dev p2 parent 1: classid 1:10 htb rate 100mbit",
		"class add dev p2 parent 1: classid 1:20 htb rate 500mbit ceil 1gbit",
		"qdisc add dev p3 root handle 8003: htb",
		"class add dev p3 parent 8003: classid 8003:20 htb rate 1gbit")
}

// queueFlows are what flows do, and what becomes of a frame then.
var queueFlows = []struct {
	actions string
	out     []int // frames that leave p2 and p3
	p2, p3  map[string]int
}{
	{"output:2,output:3", []int{1, 1}, nil, nil},
	{"set_queue:16,output:2", []int{1, 0}, map[string]int{"1:10": 1}, nil},
	{"set_queue:32,output:2,output:3", []int{1, 1}, map[string]int{"1:20": 1}, map[string]int{"8003:20": 1}},
	{"set_queue:32,all", []int{1, 1}, map[string]int{"1:20": 1}, map[string]int{"8003:20": 1}},
	{"set_queue:16,output:2,output:3", []int{1, 1}, map[string]int{"1:10": 1}, nil}, // p3 has no such queue
	{"set_queue:16,output:2,set_queue:32,output:2,set_queue:0,output:2", []int{3, 0}, map[string]int{"1:10": 1, "1:20": 1}, nil},
	{"set_queue:16,output:2,mod_dl_src:02:aa:00:00:00:09,output:2", []int{2, 0}, map[string]int{"1:10": 2}, nil},
	{"set_queue:16,mod_nw_tos:32,output:2", []int{1, 0}, map[string]int{"1:10": 1}, nil},
	{"write_actions(output:2,set_queue:32)", []int{1, 0}, map[string]int{"1:20": 1}, nil},
	{"set_queue:32,group:1,output:3", []int{1, 2}, map[string]int{"1:10": 1}, map[string]int{"8003:20": 2}},
	{"output:3,output:2", []int{1, 1}, nil, nil}, // and nothing of those before
}

// queueLab is a lab whose classes are counted.
type queueLab struct {
	*lab
	d          *daemon
	w          []*wire
	sum2, sum3 map[string]int // what the classes of p2 and p3 should have sent
}

// newQueueLab has a switch that does queueFlows with datagrams to ports 1, 2, 3...
// and knows of the htbs.
func newQueueLab(t *testing.T) *queueLab {
	t.Helper()
	l := newLab(t, 3)
	q := &queueLab{lab: l, d: l.start(t)}
	l.twoHTBs(t)
	q.w = l.wires(t)
	q.d.ofctl(t, "add-group", "group_id=1,type=all,bucket=actions=set_queue:16,output:2,bucket=actions=output:3")
	flows := []string{"in_port=1,udp,tp_dst=99,actions=set_queue:32,output:2,output:3"}
	for i, f := range queueFlows {
		flows = append(flows, fmt.Sprintf("in_port=1,udp,tp_dst=%d,actions=%s", i+1, f.actions))
	}
	q.d.setFlows(t, flows...)
	await(t, "the switch knows of the htbs", func() bool {
		q.pass(t, 99, []int{1, 1})
		return l.classes(t, "p2")["1:20"] > 0 && l.classes(t, "p3")["8003:20"] > 0
	})
	q.sum2, q.sum3 = l.classes(t, "p2"), l.classes(t, "p3")
	return q
}

// pass sends a datagram to a port and waits for as many frames at p2 and p3.
func (q *queueLab) pass(t *testing.T, port uint16, out []int) {
	t.Helper()
	q.w[0].send(t, udpFrame(1, port, nil))
	for i, frames := range out {
		for range frames {
			if q.w[i+1].receive(patience) == nil {
				t.Fatalf("datagram to port %d: a frame did not leave p%d", port, i+2)
			}
		}
	}
}

// count adds to what the classes should have sent.
func (q *queueLab) count(p2, p3 map[string]int) {
	for class, packets := range p2 {
		q.sum2[class] += packets
	}
	for class, packets := range p3 {
		q.sum3[class] += packets
	}
}

func (q *queueLab) check(t *testing.T, what string) {
	t.Helper()
	if p2, p3 := q.classes(t, "p2"), q.classes(t, "p3"); !maps.Equal(p2, q.sum2) || !maps.Equal(p3, q.sum3) {
		t.Fatalf("after %s: classes of p2 %v, want %v; of p3 %v, want %v", what, p2, q.sum2, p3, q.sum3)
	}
}

// Frames go into the class that set_queue names at the port where they leave,
// however they come to be sent, and all others into none.
func TestSetQueue(t *testing.T) {
	t.Parallel()
	q := newQueueLab(t)
	for i, f := range queueFlows {
		for n, hit := 0, q.d.stat(t).Hit; n < repeats || q.d.stat(t).Hit == hit; n++ {
			if n == 500 {
				t.Fatalf("%s is not cached", f.actions)
			}
			q.pass(t, uint16(i+1), f.out)
			q.count(f.p2, f.p3)
		}
		q.check(t, f.actions)
	}
	frame := udpFrame(1, 1, nil)
	q.d.ofctl(t, "packet-out", fmt.Sprintf("in_port=controller,packet=%x,actions=set_queue:32,output:3,output:2", frame))
	q.w[1].expect(t, "packet-out", frame)
	q.count(map[string]int{"1:20": 1}, map[string]int{"8003:20": 1})
	q.check(t, "a packet-out")
}

// queues counts the queues of a port.
func (d *daemon) queues(t *testing.T, port int) int {
	t.Helper()
	return strings.Count(d.ofctl(t, "queue-stats", fmt.Sprint(port)), "queue ")
}

// A cached flow follows when the administrator replaces a queueing discipline.
func TestQueuesComeAndGo(t *testing.T) {
	t.Parallel()
	l := newLab(t, 2)
	d := l.start(t)
	d.setFlows(t, "in_port=1,actions=set_queue:16,output:2")
	w := l.wires(t)
	frame := udpFrame(1, 2, nil)
	d.forwards(t, w[0], w[1], frame, frame, true)
	for _, handle := range []string{"1", "8765", "2"} {
		l.tc(t, "qdisc add dev p2 root handle "+handle+": htb",
			fmt.Sprintf("class add dev p2 parent %s: classid %s:10 htb rate 100mbit", handle, handle))
		await(t, "frames go into class "+handle+":10", func() bool {
			w[0].send(t, frame)
			w[1].expect(t, "into a class", frame)
			return l.classes(t, "p2")[handle+":10"] > 0
		})
		l.tc(t, "qdisc del dev p2 root")
		d.forwards(t, w[0], w[1], frame, frame, true)
	}
	if n := d.queues(t, 2); n != 0 {
		t.Errorf("%d queues are left", n)
	}
}

// What ovs-ofctl reads of queues is what tc made.
func TestQueueMessages(t *testing.T) {
	t.Parallel()
	l := newLab(t, 3)
	l.twoHTBs(t) // before the switch
	d := l.start(t)
	d.setFlows(t, "in_port=1,actions=set_queue:32,output:2")
	w := l.wires(t)
	frame := udpFrame(1, 2, nil)
	for range repeats {
		w[0].send(t, frame)
		w[1].expect(t, "into a queue", frame)
	}
	wantLines(t, d.ofctl(t, "queue-stats", "2"),
		"port 2 queue 16: bytes=0, pkts=0, errors=0, duration=",
		fmt.Sprintf("port 2 queue 32: bytes=%d, pkts=%d, errors=0, duration=", repeats*len(frame), repeats))
	wantLines(t, d.ofctl(t, "queue-stats", "ANY", "32"), "port 2 queue 32:", "port 3 queue 32:")
	wantLines(t, d.ofctl(t, "queue-stats", "1"))
	wantLines(t, d.ofctl(t, "queue-get-config", "2"), // of 10 Gbit/s
		"queue 16: min_rate:1.0% max_rate:1.0%", "queue 32: min_rate:5.0% max_rate:10.0%")
	l.tc(t, "class del dev p2 classid 1:10")
	wantLines(t, d.ofctl(t, "queue-get-config", "2"), "queue 32: min_rate:5.0% max_rate:10.0%")

	c := d.connect(t)
	stats := func(port, queue uint32) *ofp13.MultipartRequest {
		return &ofp13.MultipartRequest{Type: ofp13.MultipartQueue, Body: (&ofp13.QueueStatsRequest{PortNo: port, QueueID: queue}).Append(nil)}
	}
	for what, m := range map[string]ofp13.Message{
		"statistics of port 77": stats(77, ofp13.QueueAll), "configuration of port 77": &ofp13.QueueGetConfigRequest{Port: 77},
	} {
		c.refused(t, what, m, ofp13.ErrTypeQueueOpFailed, ofp13.QueueOpFailedBadPort)
	}
	c.refused(t, "statistics of queue 16", stats(2, 16), ofp13.ErrTypeQueueOpFailed, ofp13.QueueOpFailedBadQueue)
	c.refused(t, "a flow to a queue that cannot be",
		flow(ofp13.FlowMod{Instructions: apply(ofp13.Action{Type: ofp13.ActionSetQueue, ID: 1 << 16})}),
		ofp13.ErrTypeBadAction, ofp13.BadActionBadQueue)
	var features ofp13.FeaturesReply
	c.request(t, &ofp13.FeaturesRequest{}, &features)
	if features.Capabilities&ofp13.CapabilityQueueStats == 0 {
		t.Errorf("capabilities %#x lack OFPC_QUEUE_STATS", features.Capabilities)
	}
}

// wantLines wants as many lines that tell of queues as words, each with one.
func wantLines(t *testing.T, out string, words ...string) {
	t.Helper()
	var lines []string
	for line := range strings.Lines(out) {
		if strings.Contains(line, "queue ") {
			lines = append(lines, line)
		}
	}
	for i := range max(len(lines), len(words)) {
		if i >= len(lines) || i >= len(words) || !strings.Contains(lines[i], words[i]) {
			t.Errorf("ovs-ofctl printed\n%swant lines with %q", out, words)
			return
		}
	}
}

// More queues than one message can hold come in parts.
func TestManyQueues(t *testing.T) {
	t.Parallel()
	l := newLab(t, 2)
	var batch strings.Builder
	const many = 1700 // of 40 bytes each
	fmt.Fprintln(&batch, "qdisc add dev p2 root handle 1: htb")
	for i := range many {
		fmt.Fprintf(&batch, "class add dev p2 parent 1: classid 1:%x htb rate 1mbit\n", i+1)
	}
	l.tc(t, "-V")
	if out, err := l.tryWith(nil, batch.String(), "tc", "-batch", "-"); err != nil {
		t.Skip(out)
	}
	d := l.start(t)
	c := d.connect(t)
	all := (&ofp13.QueueStatsRequest{PortNo: ofp13.PortAny, QueueID: ofp13.QueueAll}).Append(nil)
	b := c.multipart(t, ofp13.MultipartQueue, all)
	for i := range many {
		var s ofp13.QueueStats
		var err error
		if b, err = s.DecodeNext(b); err != nil || s.PortNo != 2 || s.QueueID != uint32(i+1) {
			t.Fatalf("queue %d: %+v, %v", i+1, s, err)
		}
	}
	if len(b) > 0 {
		t.Errorf("%d bytes more", len(b))
	}
	c.refused(t, "configuration of 1700 queues", &ofp13.QueueGetConfigRequest{Port: 2}, ofp13.ErrTypeQueueOpFailed, ofp13.QueueOpFailedEPerm)
}

// A class that limits lets no more through than it may, and holds up none of the
// frames that are not in it.
func TestRateLimitedQueue(t *testing.T) {
	t.Parallel()
	l := newLab(t, 2)
	d := l.start(t)
	l.tc(t, "qdisc add dev p2 root handle 1: htb",
		"class add dev p2 parent 1: classid 1:10 htb rate 80kbit burst 2000 cburst 2000")
	d.setFlows(t, "in_port=1,udp,tp_dst=1,actions=set_queue:16,output:2", "in_port=1,udp,tp_dst=2,actions=output:2")
	w := l.wires(t)
	await(t, "frames go into the class", func() bool {
		w[0].send(t, udpFrame(1, 1, nil))
		w[1].expect(t, "into the class", udpFrame(1, 1, nil))
		return l.classes(t, "p2")["1:10"] > 0
	})
	const frames = 100
	limited, free := udpFrame(1, 1, make([]byte, 1000)), udpFrame(1, 2, make([]byte, 1000))
	start := time.Now()
	for range frames {
		w[0].send(t, limited)
		w[0].send(t, free)
	}
	passed := map[int]int{} // by destination port
	for passed[2] < frames || time.Since(start) < time.Second {
		got := w[1].receive(time.Second)
		if got == nil {
			break
		}
		passed[int(got[37])]++
	}
	bytes := float64(passed[1] * len(limited))
	if most := 2000 + 10e3*time.Since(start).Seconds() + float64(2*len(limited)); bytes > most || passed[1] == 0 {
		t.Errorf("%.0f bytes passed the class in %v, want at most %.0f", bytes, time.Since(start), most)
	}
	if passed[2] != frames {
		t.Errorf("%d frames of %d passed beside it", passed[2], frames)
	}
}
