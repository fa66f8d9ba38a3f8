package userspace

import (
	"fmt"
	"os"
	"time"

	"golang.org/x/sys/unix"
)

// Many kernels, Debian 12's first ones among them, leave a ring stuck behind a
// frame that struct virtio_net_hdr can't describe: UDP segmentation offload
// before Linux 6.2, SCTP's in all. They drop the frame, but keep the slot that
// was to take it (tpacket_rcv in net/packet/af_packet.c), and then drop whatever
// comes. A port with such a ring goes on without one.

// stuckEvery is how often a worker looks whether its ports' rings are stuck.
const stuckEvery = 500 * time.Millisecond

// checkRings gives up the rings of this worker's ports that are stuck.
func (w *worker) checkRings() {
	if w.now-w.checked < int64(stuckEvery) {
		return
	}
	w.checked = w.now
	w.epoch.enter()
	defer w.epoch.leave()
	for _, p := range w.shared.ports.Load().all {
		if p == nil || p.worker != w.index || p.dev.ring == nil || !p.stuck() {
			continue
		}
		log := w.shared.log.WithField("port", p.spec.Name)
		if err := p.dev.leaveRing(); err != nil {
			log.Errorf("port %s is stuck, as its receive ring is: %v; delete it and add it again", p.spec.Name, err)
			continue
		}
		log.Warnf("the kernel's receive ring of port %s was stuck behind a frame that it can't describe; going on, slower, without", p.spec.Name)
	}
}

// stuck reports whether the kernel dropped each frame since the last look though
// the ring is empty. Its worker calls it.
func (p *port) stuck() bool {
	heard, dropped := p.dev.heard()
	p.overruns.Add(dropped)
	return dropped > 0 && heard == dropped && p.dev.ring.ready(0) == nil
}

// leaveRing makes the frames of d come by its socket's queue. Its worker calls
// it, with no frame of the ring in use.
func (d *device) leaveRing() error {
	if err := setPacketOption(d.rx, unix.PACKET_AUXDATA, 1); err != nil { // for VLAN tags
		return err
	}
	if err := d.ring.close(); err != nil {
		return fmt.Errorf("leave receive ring: %w", err)
	}
	d.ring = nil
	err := unix.SetsockoptTpacketReq(d.rx, unix.SOL_PACKET, unix.PACKET_RX_RING, &unix.TpacketReq{})
	return os.NewSyscallError("leave receive ring: PACKET_RX_RING", err)
}
