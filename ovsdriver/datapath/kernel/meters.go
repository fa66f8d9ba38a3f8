package kernel

import (
	"errors"
	"fmt"
	"math"
	"sync/atomic"
	"time"

	"golang.org/x/sys/unix"

	"github.com/ivs-go/ivs/ovsdriver/datapath"
	"github.com/ivs-go/ivs/ovsdriver/meter"
	"github.com/ivs-go/ivs/ovsdriver/packet"
)

// meters are the meters of one datapath: those of the kernel, and beside each
// the meter.Meter that executions ask which the kernel cannot do. The main
// goroutine owns them; others only read twins.
type meters struct {
	family uint16 // 0 without meters
	dp     uint32
	tx     *transaction
	twins  atomic.Pointer[twins]
}

type twins = meter.Set[*meter.Meter]

func newMeters(family uint16, dp uint32, tx *transaction) *meters {
	return &meters{family: family, dp: dp, tx: tx}
}

// What a kernel's meter can be and still pass what it should
// (net/openvswitch/meter.c). Its clock ticks in milliseconds and the bucket
// never holds more than the burst, so that it must hold a few frames and what
// flows in between them; and what it multiplies must fit 32 bits.
const (
	leastPackets = 3
	leastKbits   = 48 // four frames of 1500 bytes
	leastShare   = 10 // of a second
	maxBurst     = math.MaxUint32 / 1000
)

// fits reports whether the kernel can do what cfg says.
func fits(cfg *meter.Config) bool {
	rate, burst, ok := cfg.Single()
	least := uint32(leastKbits)
	if cfg.PerPacket {
		least = leastPackets
	}
	return ok && burst >= max(least, rate/leastShare) && burst <= maxBurst
}

// probe tries a meter. Before Linux 5.13 the kernel added a second's worth to
// each burst; some releases took it back earlier, none of them says so, and then
// all meters are better kept in user space.
func (m *meters) probe(release string) bool {
	if m.family == 0 || !atLeast(release, 5, 13) {
		return false
	}
	const id = 1
	cfg := meter.Config{PerPacket: true, Bands: []meter.Band{{Rate: 1, Burst: leastPackets, Then: meter.Drop}}}
	if _, err := m.put(id, meter.New(cfg, 0)); err != nil {
		return false
	}
	_, err := m.delete(id)
	return err == nil
}

// atLeast reports whether a kernel's release, as uname tells it, is so recent.
func atLeast(release string, major, minor int) bool {
	var a, b int
	_, err := fmt.Sscanf(release, "%d.%d", &a, &b)
	return err == nil && (a > major || a == major && b >= minor)
}

// put implements datapath.Meters.PutMeter.
func (m *meters) put(id uint32, twin *meter.Meter) (before meter.Stats, err error) {
	if m.family == 0 || !fits(twin.Config()) {
		return before, fmt.Errorf("meter %d is none of openvswitch's: %w", id, datapath.ErrUnsupported)
	}
	m.tx.reset()
	start := m.open(meterCmdSet, id)
	m.tx.buf = appendMeter(m.tx.buf, twin.Config())
	m.tx.done(start)
	known := m.twins.Load().Get(id) != nil
	if err := m.runOne(&before); err != nil {
		return before, fmt.Errorf("put meter %d: %w", id, err)
	}
	if !known { // somebody else's, of an adopted datapath
		before = meter.Stats{}
	}
	m.twins.Store(m.twins.Load().Put(id, twin))
	return before, nil
}

// appendMeter appends what makes a meter.
func appendMeter(b []byte, cfg *meter.Config) []byte {
	if !cfg.PerPacket {
		b = attr(b, meterAttrKBPS, 0)
	}
	rate, burst, _ := cfg.Single()
	b, list := begin(b, meterAttrBands)
	b, band := begin(b, 0)
	b = appendUint32Attr(b, bandAttrType, bandTypeDrop)
	b = appendUint32Attr(b, bandAttrRate, rate)
	b = appendUint32Attr(b, bandAttrBurst, burst)
	return end(end(b, band), list)
}

// open begins a request about a meter.
func (m *meters) open(cmd uint8, id uint32) (start int) {
	start = m.tx.open(m.family, 0, cmd, meterVersion, m.dp)
	m.tx.buf = appendUint32Attr(m.tx.buf, meterAttrID, id)
	return start
}

// runOne sends the one request and reads the counters that answer it. A place
// that another id has taken, and too many meters, mean that this one must do
// without the kernel.
func (m *meters) runOne(s *meter.Stats) (err error) {
	failed := m.tx.run(func(_ int, payload []byte, e error) {
		if payload != nil {
			readMeter(payload, s)
		} else {
			err = e
		}
	})
	m.tx.reset()
	switch err = errors.Join(failed, err); {
	case errors.Is(err, unix.ENODEV):
		return errGone(err)
	case errors.Is(err, unix.ENOENT):
		return datapath.ErrNoMeter
	case errors.Is(err, unix.EBUSY), errors.Is(err, unix.ENOSPC), errors.Is(err, unix.EFBIG),
		errors.Is(err, unix.EINVAL), errors.Is(err, unix.EOPNOTSUPP), errors.Is(err, unix.E2BIG):
		return fmt.Errorf("%w: %w", err, datapath.ErrUnsupported)
	}
	return err
}

// delete implements datapath.Meters.DeleteMeter.
func (m *meters) delete(id uint32) (last meter.Stats, err error) {
	if m.twins.Load().Get(id) == nil {
		return last, fmt.Errorf("delete meter %d: %w", id, datapath.ErrNoMeter)
	}
	m.twins.Store(m.twins.Load().Put(id, nil))
	m.tx.reset()
	m.tx.done(m.open(meterCmdDel, id))
	if err := m.runOne(&last); err != nil {
		return last, fmt.Errorf("delete meter %d: %w", id, err)
	}
	return last, nil
}

// read implements datapath.Meters.ReadMeters.
func (m *meters) read(ids []uint32, own []meter.Stats) error {
	for len(ids) > 0 {
		n := min(len(ids), maxBatch)
		if err := m.readBatch(ids[:n], own[:n]); err != nil {
			return fmt.Errorf("read meters: %w", err)
		}
		ids, own = ids[n:], own[n:]
	}
	return nil
}

func (m *meters) readBatch(ids []uint32, own []meter.Stats) error {
	if m.family == 0 {
		clear(own)
		return nil
	}
	m.tx.reset()
	for i, id := range ids {
		own[i] = meter.Stats{}
		m.tx.done(m.open(meterCmdGet, id))
	}
	err := m.tx.run(func(i int, payload []byte, _ error) {
		if payload != nil {
			readMeter(payload, &own[i])
		}
	})
	m.tx.reset()
	return err
}

// readMeter reads a meter's counters from its attributes.
func readMeter(b []byte, s *meter.Stats) {
	s.Bands = s.Bands[:0]
	for {
		typ, data, rest, ok := nextAttr(b)
		if !ok {
			return
		}
		switch typ {
		case meterAttrStats:
			s.In = readCount(data)
		case meterAttrBands:
			for list := data; ; {
				_, band, next, ok := nextAttr(list)
				if !ok {
					break
				}
				s.Bands = append(s.Bands, readBand(band))
				list = next
			}
		}
		b = rest
	}
}

func readBand(b []byte) (c meter.Count) {
	for {
		typ, data, rest, ok := nextAttr(b)
		if !ok {
			return c
		}
		if typ == bandAttrStats {
			c = readCount(data)
		}
		b = rest
	}
}

// readCount reads a struct ovs_flow_stats.
func readCount(b []byte) meter.Count {
	if len(b) < 16 {
		return meter.Count{}
	}
	return meter.Count{Packets: host.Uint64(b), Bytes: host.Uint64(b[8:])}
}

// PutMeter implements datapath.Meters: the kernel has meters with a single band
// that drops and a burst that suits its clock.
func (d *Datapath) PutMeter(id uint32, m *meter.Meter) (meter.Stats, error) {
	return d.meters.put(id, m)
}

// DeleteMeter implements datapath.Meters.
func (d *Datapath) DeleteMeter(id uint32) (meter.Stats, error) { return d.meters.delete(id) }

// ReadMeters implements datapath.Meters.
func (d *Datapath) ReadMeters(ids []uint32, own []meter.Stats) error { return d.meters.read(ids, own) }

// measure asks the twin of a meter about a frame whose actions the kernel
// cannot do, and reports whether it passes. Twins never remark.
func (m *meters) measure(f *datapath.Frame, id uint32) bool {
	twin := m.twins.Load().Get(id)
	if twin == nil {
		return true
	}
	packets, bytes := packet.Wire(f)
	return twin.Take(packets, bytes, monotonic()) != meter.Drop
}

// monotonic is CLOCK_MONOTONIC in nanoseconds.
func monotonic() int64 {
	var ts unix.Timespec
	if unix.ClockGettime(unix.CLOCK_MONOTONIC, &ts) != nil {
		return time.Now().UnixNano() // never: the clock is there on every Linux
	}
	return ts.Nano()
}
