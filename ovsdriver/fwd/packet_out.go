package fwd

import (
	"fmt"

	"github.com/ivs-go/ivs/flowtable"
	"github.com/ivs-go/ivs/openflow/ofp13"
	"github.com/ivs-go/ivs/ovsdriver/datapath"
	"github.com/ivs-go/ivs/ovsdriver/packet"
	"github.com/ivs-go/ivs/ovsdriver/translate"
)

// PacketsConfig is what Packets works with. What is not optional is required.
type PacketsConfig struct {
	Tables *Tables

	// Execute sends frames; datapath.Datapath's method.
	Execute func([]datapath.Execution) error

	// PacketIn sends a message to the controllers that want it. The message is
	// valid only during the call.
	PacketIn func(*ofp13.PacketIn)

	// Wanted reports whether any controller wants packet-ins of a reason (OFPR_*).
	Wanted func(reason uint8) bool

	// Now is the clock: CLOCK_MONOTONIC in nanoseconds.
	Now func() int64

	// Unlimited lifts the limit of packet-ins (INDIGO_BENCHMARK). Optional.
	Unlimited bool

	// Buffers is how many packets wait here for the controllers' word, at most
	// MaxBuffers. Optional: 0 sends all of them whole.
	Buffers int
}

// Packets moves packets between controllers and the datapath. It owns the
// frame that is on its way out, the message that is on its way up, the buffers,
// and the buckets of the rate limit. Main goroutine only.
type Packets struct {
	cfg      PacketsConfig
	executor translate.Executor
	out      outbox
	buf      []byte
	buffers  *buffers           // nil for none
	submit   *translate.Program // output to TABLE

	limiter   limiter
	segmenter packet.Segmenter
	message   ofp13.PacketIn
	maxLen    uint16 // of the output action that sends the message
	inPort    datapath.PortNo
	send      func(*datapath.Frame) error // sendSegment, bound once
	counters  PacketInCounters
}

// maxPacketOut is the longest frame that a message can hold.
const maxPacketOut = 1 << 16

// NewPackets returns Packets that work with the configuration.
func NewPackets(cfg PacketsConfig) *Packets {
	submit, err := translate.CompileActions([]ofp13.Action{{Type: ofp13.ActionOutput, ID: ofp13.PortTable}})
	if err != nil {
		panic(err) // a packet-out to TABLE is always allowed
	}
	p := &Packets{
		cfg:     cfg,
		buf:     make([]byte, datapath.Headroom+maxPacketOut+datapath.Headroom),
		buffers: newBuffers(cfg.Buffers),
		submit:  submit,
	}
	p.out.packets = p
	p.send = p.sendSegment
	p.message.Match.Fields = make([]ofp13.OXM, 0, 3)
	return p
}

// Counters returns what became of packets for the controllers.
func (p *Packets) Counters() PacketInCounters { return p.counters }

// PacketOut does a controller's actions on a packet of the controller's, or on
// one that is buffered, which is then gone (§7.3.7). The ingress port is a port
// of the switch, CONTROLLER, or, as controllers send it, 0 or ANY, which mean
// CONTROLLER. Errors are *ofp13.Error, but for a failure of the datapath; a
// packet-out that is refused leaves its buffer as it is.
func (p *Packets) PacketOut(m *ofp13.PacketOut) error {
	p.cfg.Tables.complete()
	inPort, err := p.ingress(m.InPort)
	if err != nil {
		return err
	}
	program, err := translate.CompileActions(m.Actions)
	if err != nil {
		return err
	}
	if err := p.cfg.Tables.groups.known(program.Groups()); err != nil {
		return err
	}
	if m.BufferID == ofp13.NoBuffer && len(m.Data) == 0 && len(m.Actions) == 0 {
		return nil // no packet, and nothing to do with it
	}
	data, err := p.packet(m)
	if err != nil {
		return err
	}
	return p.execute(program, data, inPort)
}

// packet returns the packet of a packet-out, which a buffer gives only once.
func (p *Packets) packet(m *ofp13.PacketOut) ([]byte, error) {
	if m.BufferID != ofp13.NoBuffer {
		slot, err := p.buffers.check(m.BufferID, p.cfg.Now())
		if err != nil {
			return nil, err
		}
		data, _ := p.buffers.take(slot)
		return data, nil
	}
	if len(m.Data) < packet.EthernetLen {
		return nil, ofp13.Errorf(ofp13.ErrTypeBadRequest, ofp13.BadRequestBadPacket,
			"packet-out of %d bytes: an Ethernet header has %d", len(m.Data), packet.EthernetLen)
	}
	return m.Data, nil
}

// SubmitBuffer sends a buffered packet through the tables, as if it came in by
// its port once more: what a flow-mod with a buffer's id asks for (§7.3.4.1).
// Errors are as PacketOut's.
func (p *Packets) SubmitBuffer(id uint32) error {
	slot, err := p.buffers.check(id, p.cfg.Now())
	if err != nil {
		return err
	}
	data, inPort := p.buffers.take(slot)
	return p.execute(p.submit, data, inPort)
}

// execute does actions on a copy of a packet.
func (p *Packets) execute(program *translate.Program, data []byte, inPort datapath.PortNo) error {
	if program.OutputsTo(ofp13.PortTable) || len(program.Groups()) > 0 {
		p.cfg.Tables.Publish() // the packet shall meet the entries that were sent before it
	}
	frame := datapath.Frame{Buf: p.buf, Start: datapath.Headroom}
	frame.End = frame.Start + copy(p.buf[frame.Start:], data)
	var key flowtable.Key
	packet.Parse(&frame, inPort, &key)

	p.executor.PacketOut(p.cfg.Tables.view, program, &key, &frame, p.cfg.Now(), &p.out)
	p.out.Full()
	p.executor.Reset()
	if err := p.out.takeError(); err != nil {
		return fmt.Errorf("packet-out by the datapath: %w", err)
	}
	return nil
}

// ingress returns the ingress port that a packet-out names.
func (p *Packets) ingress(port uint32) (datapath.PortNo, error) {
	switch port {
	case 0, ofp13.PortController, ofp13.PortAny:
		return datapath.PortNo(ofp13.PortController), nil
	}
	if p.cfg.Tables.ports.Get(datapath.PortNo(port)) == nil {
		return 0, ofp13.Errorf(ofp13.ErrTypeBadRequest, ofp13.BadRequestBadPort,
			"packet-out with ingress port %#x, which does not exist; OFPP_CONTROLLER always does", port)
	}
	return datapath.PortNo(port), nil
}

// outbox collects what the executor makes of a packet-out and hands it to the
// datapath. It implements translate.Sink.
type outbox struct {
	packets *Packets
	batch   []datapath.Execution
	err     error // the first since takeError
}

// Execute implements translate.Sink.
func (o *outbox) Execute(e datapath.Execution) { o.batch = append(o.batch, e) }

// PacketIn implements translate.Sink.
func (o *outbox) PacketIn(in *translate.PacketIn, key *flowtable.Key, f *datapath.Frame) {
	o.packets.PacketIn(in, key, f)
}

// Full implements translate.Sink.
func (o *outbox) Full() {
	if len(o.batch) == 0 {
		return
	}
	if err := o.packets.cfg.Execute(o.batch); err != nil && o.err == nil {
		o.err = err
	}
	clear(o.batch)
	o.batch = o.batch[:0]
}

// takeError returns the first failure since the last call.
func (o *outbox) takeError() error {
	err := o.err
	o.err = nil
	return err
}
