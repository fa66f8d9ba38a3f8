package kernel

import (
	"encoding/binary"
	"errors"
	"fmt"
	"hash/maphash"

	"golang.org/x/sys/unix"

	"github.com/ivs-go/ivs/flowtable"
	"github.com/ivs-go/ivs/ovsdriver/datapath"
)

// flows is the cache of one datapath. The main goroutine owns it.
type flows struct {
	family uint16
	dp     uint32 // index of the datapath
	tx     *transaction
	pid    func(inPort datapath.PortNo) uint32 // where Controller actions of a port's flows go

	// The kernel replaces the actions of a flow, never its mask, and does not
	// say when the mask is another: so the matches of what is there are kept,
	// as hashes.
	seed    maphash.Seed
	matches map[datapath.FlowID]uint64

	owner [maxBatch]int // which element of the caller's batch a request is for; -1 for none
}

func newFlows(family uint16, dp uint32, pid func(datapath.PortNo) uint32) (*flows, error) {
	tx, err := newTransaction()
	if err != nil {
		return nil, err
	}
	return &flows{family: family, dp: dp, tx: tx, pid: pid, seed: maphash.MakeSeed(), matches: map[datapath.FlowID]uint64{}}, nil
}

// ufidPrefix begins the unique flow identifiers of this program; the flow's id
// follows.
const ufidPrefix = 0x6976732d666c6f77 // "ivs-flow"

func appendUFID(b []byte, id datapath.FlowID) []byte {
	b = binary.BigEndian.AppendUint64(attr(b, flowAttrUFID, 16), ufidPrefix)
	return binary.BigEndian.AppendUint64(b, uint64(id))
}

// idOf returns the flow's id, or 0 for a flow of another program.
func idOf(ufid []byte) datapath.FlowID {
	if len(ufid) != 16 || binary.BigEndian.Uint64(ufid) != ufidPrefix {
		return 0
	}
	return datapath.FlowID(binary.BigEndian.Uint64(ufid[8:]))
}

// put implements datapath.Flows.PutFlows. A flow whose match changes is deleted
// and made again, so it counts from zero, and is gone if the kernel refuses the
// new one.
func (f *flows) put(batch []datapath.Flow, errs []error) {
	f.tx.reset()
	first := 0
	for i := range batch {
		f.appendPut(i, &batch[i], errs)
		// One more element takes up to two requests.
		if f.tx.n+2 > maxBatch || len(f.tx.buf) > maxRequest-4*maxActionsLen {
			f.runPut(batch, errs, first, i+1)
			first = i + 1
		}
	}
	f.runPut(batch, errs, first, len(batch))
}

// appendPut adds the requests for one flow, or sets its error.
func (f *flows) appendPut(i int, flow *datapath.Flow, errs []error) {
	errs[i] = nil
	hash := maphash.Comparable(f.seed, flow.Match)
	old, known := f.matches[flow.ID]
	undo := len(f.tx.buf)
	if known && old != hash {
		f.open(-1, 0, cmdDel)
		f.tx.buf = appendUFID(f.tx.buf, flow.ID)
		f.tx.done(undo)
	}
	flags := uint16(unix.NLM_F_CREATE | unix.NLM_F_EXCL)
	if known && old == hash {
		flags = 0
	}
	start := f.open(i, flags, cmdNew)
	if err := f.appendFlow(flow); err != nil {
		if undo != start {
			f.tx.n--
		}
		f.tx.drop(undo)
		errs[i] = fmt.Errorf("flow %d: %w", flow.ID, err)
		return
	}
	f.tx.done(start)
}

// open begins a request for element i of the caller's batch.
func (f *flows) open(i int, flags uint16, cmd uint8) (start int) {
	f.owner[f.tx.n] = i
	return f.tx.open(f.family, flags, cmd, flowVersion, f.dp)
}

// appendFlow appends the attributes of an OVS_FLOW_CMD_NEW.
func (f *flows) appendFlow(flow *datapath.Flow) (err error) {
	b := appendUFID(f.tx.buf, flow.ID)
	if b, err = appendMatch(b, &flow.Match); err != nil {
		return err
	}
	b, start := begin(b, flowAttrActions)
	e := newActionEncoder(&flow.Match.Key, &flow.Match.Mask, f.pid(datapath.PortNo(flow.Match.Key.Get(flowtable.InPort))))
	if b, err = e.append(b, flow.Actions); err != nil {
		return err
	}
	f.tx.buf = end(b, start)
	return nil
}

// runPut sends the requests for batch[first:last] and takes in the answers.
func (f *flows) runPut(batch []datapath.Flow, errs []error, first, last int) {
	err := f.tx.run(func(n int, _ []byte, err error) {
		i := f.owner[n]
		switch {
		case i < 0: // the deletion before a put; a flow that is gone is as good
		case err != nil:
			errs[i] = f.putError(batch[i].ID, err)
		default:
			f.matches[batch[i].ID] = maphash.Comparable(f.seed, batch[i].Match)
		}
	})
	f.fail(errs[first:last], err)
	f.tx.reset()
}

// fail sets err where no other error is, if it is one.
func (f *flows) fail(errs []error, err error) {
	if err == nil {
		return
	}
	for i := range errs {
		if errs[i] == nil {
			errs[i] = err
		}
	}
}

func (f *flows) putError(id datapath.FlowID, err error) error {
	switch {
	case errors.Is(err, unix.EEXIST), errors.Is(err, unix.ENOENT):
		return fmt.Errorf("flow %d overlaps another one in the datapath; delete that first: %w", id, err)
	case errors.Is(err, unix.ENODEV):
		return errGone(err)
	case errors.Is(err, unix.EINVAL), errors.Is(err, unix.EOVERFLOW):
		return fmt.Errorf("openvswitch refuses flow %d (%w): %w", id, err, datapath.ErrUnsupported)
	case errors.Is(err, unix.EMSGSIZE), errors.Is(err, unix.ENOSPC), errors.Is(err, unix.E2BIG):
		return fmt.Errorf("flow %d (%w): %w", id, err, datapath.ErrTooMany)
	}
	return fmt.Errorf("put flow %d: %w", id, err)
}

// errGone explains ENODEV, the answer to everything once the datapath is away.
func errGone(err error) error {
	return fmt.Errorf("the datapath was deleted by another program; restart, or make it again: %w", err)
}

// delete implements datapath.Flows.DeleteFlows.
func (f *flows) delete(batch []datapath.FlowID, last []datapath.FlowStats, errs []error) {
	for len(batch) > 0 {
		n := min(len(batch), maxBatch)
		f.deleteBatch(batch[:n], last[:n], errs[:n])
		batch, last, errs = batch[n:], last[n:], errs[n:]
	}
}

func (f *flows) deleteBatch(batch []datapath.FlowID, last []datapath.FlowStats, errs []error) {
	f.tx.reset()
	for i, id := range batch {
		last[i], errs[i] = datapath.FlowStats{ID: id}, nil
		delete(f.matches, id)
		start := f.open(i, unix.NLM_F_ECHO, cmdDel)
		// Without an identifier, the kernel would delete all flows.
		f.tx.buf = appendUFID(f.tx.buf, id)
		f.tx.buf = appendUint32Attr(f.tx.buf, flowAttrUFIDFlags, ufidOmitKey|ufidOmitMask|ufidOmitActions)
		f.tx.done(start)
	}
	err := f.tx.run(func(i int, payload []byte, err error) {
		switch {
		case payload != nil:
			readStats(payload, &last[i])
			last[i].ID = batch[i]
		case errors.Is(err, unix.ENOENT):
			errs[i] = datapath.ErrNoFlow
		case errors.Is(err, unix.ENODEV):
			errs[i] = errGone(err)
		case err != nil:
			errs[i] = fmt.Errorf("delete flow %d: %w", batch[i], err)
		}
	})
	f.fail(errs, err)
	f.tx.reset()
}

// flush implements datapath.Flows.FlushFlows: a deletion that names no flow.
func (f *flows) flush() error {
	f.tx.reset()
	f.tx.done(f.tx.open(f.family, 0, cmdDel, flowVersion, f.dp))
	var result error
	err := f.tx.run(func(_ int, _ []byte, err error) { result = err })
	f.tx.reset()
	clear(f.matches)
	switch err = errors.Join(err, result); {
	case errors.Is(err, unix.ENODEV):
		return errGone(err)
	case err != nil:
		return fmt.Errorf("flush the datapath's flows: %w", err)
	}
	return nil
}

// readStats reads a flow's identifier and counters from its attributes.
func readStats(b []byte, s *datapath.FlowStats) {
	*s = datapath.FlowStats{}
	for {
		typ, data, rest, ok := nextAttr(b)
		if !ok {
			return
		}
		switch {
		case typ == flowAttrUFID:
			s.ID = idOf(data)
		case typ == flowAttrStats && len(data) == 16:
			s.Packets, s.Bytes = host.Uint64(data), host.Uint64(data[8:])
		case typ == flowAttrUsed && len(data) == 8:
			// Milliseconds since boot by the same clock, CLOCK_MONOTONIC
			// (ovs_flow_used_time in net/openvswitch/flow.c).
			s.Used = int64(host.Uint64(data)) * 1e6
		}
		b = rest
	}
}
