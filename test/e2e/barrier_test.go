package e2e

import (
	"encoding/binary"
	"errors"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"golang.org/x/sys/unix"

	"github.com/ivs-go/ivs/openflow/ofp13"
)

// flips is how often TestBarrier turns a flow from one port to another.
const flips = 200

// flipTraffic sends frames without end. Each carries the number of the flip that
// a barrier had confirmed before it was sent, or 0 while a change was under way.
type flipTraffic struct {
	from      *wire
	confirmed atomic.Uint32
	sent      [flips + 1]atomic.Uint32 // per confirmed flip
	quit      chan struct{}
	done      sync.WaitGroup
}

// flipOffset is where a frame of udpFrame carries the number.
const flipOffset = 14 + 20 + 8

func (f *flipTraffic) run() {
	defer f.done.Done()
	var frames [4][]byte // of several flows, so that several are cached
	for i := range frames {
		frames[i] = udpFrame(uint16(i), 1, nil)
		binary.BigEndian.PutUint16(frames[i][40:], 0) // no UDP checksum, as the payload changes
	}
	for i := 0; ; i++ {
		select {
		case <-f.quit:
			return
		default:
		}
		flip := f.confirmed.Load()
		frame := frames[i%len(frames)]
		binary.BigEndian.PutUint32(frame[flipOffset:], flip)
		f.sent[flip].Add(1)
		if _, err := unix.Write(f.from.fd, frame); err != nil && !errors.Is(err, unix.ENOBUFS) {
			return
		}
		time.Sleep(20 * time.Microsecond)
	}
}

// flipReceiver counts what arrives at one port, per confirmed flip.
type flipReceiver struct {
	at   *wire
	got  [flips + 1]atomic.Uint32
	quit chan struct{}
	done sync.WaitGroup
}

func (r *flipReceiver) run() {
	defer r.done.Done()
	for {
		frame := r.at.receive(50 * time.Millisecond)
		if len(frame) >= flipOffset+4 {
			if flip := binary.BigEndian.Uint32(frame[flipOffset:]); flip <= flips {
				r.got[flip].Add(1)
			}
		}
		select {
		case <-r.quit:
			return
		default:
		}
	}
}

// After a barrier reply the datapath obeys: no frame that is sent later is
// forwarded by the old flow, however many were cached, under way or in a queue
// when the flow was changed, and none is lost.
func TestBarrier(t *testing.T) {
	l := newLab(t, 3)
	d := l.start(t)
	w := l.wires(t)
	c := d.connect(t)
	quit := make(chan struct{})
	traffic := &flipTraffic{from: w[0], quit: quit}
	ports := [2]*flipReceiver{{at: w[1], quit: quit}, {at: w[2], quit: quit}}
	turn := func(flip uint32) {
		c.send(t, flow(ofp13.FlowMod{Priority: 1, Match: fromPort(1), Instructions: apply(outputTo(2 + flip%2))}))
		c.barrier(t)
	}
	turn(0)
	traffic.done.Add(1)
	go traffic.run()
	for _, r := range ports {
		r.done.Add(1)
		go r.run()
	}
	for flip := uint32(1); flip <= flips; flip++ {
		turn(flip)
		traffic.confirmed.Store(flip)
		await(t, "some frames are sent", func() bool { return traffic.sent[flip].Load() >= 8 })
		traffic.confirmed.Store(0)
		time.Sleep(time.Millisecond) // the sender takes notice
		await(t, "they have arrived", func() bool {
			return ports[0].got[flip].Load()+ports[1].got[flip].Load() == traffic.sent[flip].Load()
		})
	}
	close(quit)
	traffic.done.Wait()
	for i, r := range ports {
		r.done.Wait()
		for flip := 1; flip <= flips; flip++ {
			if n := r.got[flip].Load(); flip%2 != i && n != 0 {
				t.Errorf("after flip %d was confirmed %d of %d frames went out of port %d as before",
					flip, n, traffic.sent[flip].Load(), 2+i)
			}
		}
	}
	var contested uint32
	for _, r := range ports {
		contested += r.got[0].Load()
	}
	t.Logf("%d frames were sent while flips were under way", contested)
	if contested == 0 {
		t.Error("no traffic while flips were under way: nothing is tested")
	}
}
