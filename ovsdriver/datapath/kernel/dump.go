package kernel

import (
	"errors"
	"fmt"

	"golang.org/x/sys/unix"

	"github.com/ivs-go/ivs/ovsdriver/datapath"
)

// dumpSlot takes what the kernel puts into one message of a dump: up to 32 KiB.
const dumpSlot = 64 << 10

// dumpFlows calls fn with the payload, behind struct ovs_header, of each flow of
// a datapath, over a socket of its own. flags is of ufidOmit*. fn's error ends
// the dump.
func dumpFlows(family uint16, dp uint32, flags uint32, fn func(payload []byte) error) error {
	s, err := openSocket(dumpSlot)
	if err != nil {
		return err
	}
	defer s.close()
	a := newArena(1, dumpSlot, 0)
	b, start := appendRequest(nil, family, unix.NLM_F_DUMP, 1, cmdGet, flowVersion, dp)
	if err := s.send(endRequest(appendUint32Attr(b, flowAttrUFIDFlags, flags), start)); err != nil {
		return fmt.Errorf("ask for the datapath's flows: %w", err)
	}
	for {
		// The kernel makes the next part when the last one is fetched: there is
		// always one until NLMSG_DONE.
		if _, errno := a.receive(s, 0, 1); errno == unix.EINTR {
			continue
		} else if errno != 0 {
			return fmt.Errorf("read the datapath's flows: %w", errno)
		}
		done, err := dumpPart(a.message(0), fn)
		if errors.Is(err, unix.ENODEV) {
			err = errGone(err)
		}
		if done || err != nil {
			return err
		}
	}
}

// dumpPart reads the messages of one part.
func dumpPart(part []byte, fn func([]byte) error) (done bool, err error) {
	for {
		msg, rest, ok := nextMessage(part)
		if !ok {
			return false, nil
		}
		switch typ := messageType(msg); {
		case typ == unix.NLMSG_DONE, typ == unix.NLMSG_ERROR:
			return true, errorOf(msg)
		case len(msg) >= ovsHeader:
			if err := fn(msg[ovsHeader:]); err != nil {
				return true, err
			}
		}
		part = rest
	}
}

// dumpBatch is how many flows' counters are handed on together.
const dumpBatch = 256

// dumpStats implements datapath.Flows.DumpFlows. Flows of other programs are
// left out.
func dumpStats(family uint16, dp uint32, fn func([]datapath.FlowStats) error) error {
	batch := make([]datapath.FlowStats, 0, dumpBatch)
	err := dumpFlows(family, dp, ufidOmitKey|ufidOmitMask|ufidOmitActions, func(payload []byte) error {
		var s datapath.FlowStats
		if readStats(payload, &s); s.ID == 0 {
			return nil
		}
		if batch = append(batch, s); len(batch) < cap(batch) {
			return nil
		}
		err := fn(batch)
		batch = batch[:0]
		return err
	})
	if err == nil && len(batch) > 0 {
		err = fn(batch)
	}
	return err
}
