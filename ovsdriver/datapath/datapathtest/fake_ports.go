package datapathtest

import (
	"cmp"
	"fmt"
	"net"
	"slices"
	"time"

	"github.com/ivs-go/ivs/flowtable"
	"github.com/ivs-go/ivs/ovsdriver/datapath"
	"github.com/ivs-go/ivs/ovsdriver/packet"
)

// AddInterface makes network interfaces that AddPort can attach.
func (f *Fake) AddInterface(names ...string) {
	f.mu.Lock()
	defer f.mu.Unlock()
	for _, name := range names {
		f.interfaces[name] = false
	}
}

// Occupy gives an interface to another switch, so that AddPort says ErrBusy.
func (f *Fake) Occupy(name string) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.interfaces[name] = true
}

// RemoveInterface removes an interface behind the datapath's back; its port
// goes with it and a PortRemoved event says so.
func (f *Fake) RemoveInterface(name string) {
	f.mu.Lock()
	defer f.mu.Unlock()
	delete(f.interfaces, name)
	for no, spec := range f.ports {
		if spec.Name == name {
			delete(f.ports, no)
			f.event(datapath.PortEvent{Kind: datapath.PortRemoved, Port: spec})
		}
	}
}

// event tells main, keeping the channel's last place for PortsChanged.
func (f *Fake) event(e datapath.PortEvent) {
	switch {
	case f.done:
	case len(f.events) < cap(f.events)-1:
		f.events <- e
	case len(f.events) < cap(f.events):
		f.events <- datapath.PortEvent{Kind: datapath.PortsChanged}
	}
}

// AddPort implements datapath.Ports.
func (f *Fake) AddPort(spec datapath.PortSpec) error {
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.done {
		return net.ErrClosed
	}
	for no, other := range f.ports {
		if no == spec.No || other.Name == spec.Name {
			return fmt.Errorf("port %d (%s): %w", spec.No, spec.Name, datapath.ErrPortExists)
		}
	}
	busy, there := f.interfaces[spec.Name]
	switch {
	case spec.Kind != datapath.Netdev && there:
		return fmt.Errorf("port %d (%s): an interface of this name is there: %w", spec.No, spec.Name, datapath.ErrPortExists)
	case spec.Kind != datapath.Netdev:
		f.interfaces[spec.Name] = false
	case !there:
		return fmt.Errorf("port %d (%s): %w", spec.No, spec.Name, datapath.ErrNoInterface)
	case busy:
		return fmt.Errorf("port %d (%s): %w", spec.No, spec.Name, datapath.ErrBusy)
	}
	f.ports[spec.No] = spec
	return nil
}

// DeletePort implements datapath.Ports.
func (f *Fake) DeletePort(no datapath.PortNo) error {
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.done {
		return net.ErrClosed
	}
	spec, ok := f.ports[no]
	if !ok {
		return fmt.Errorf("port %d: %w", no, datapath.ErrNoPort)
	}
	delete(f.ports, no)
	if spec.Kind != datapath.Netdev {
		delete(f.interfaces, spec.Name)
	}
	return nil
}

// ListPorts implements datapath.Ports.
func (f *Fake) ListPorts(dst []datapath.PortSpec) ([]datapath.PortSpec, error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.done {
		return dst, net.ErrClosed
	}
	start := len(dst)
	for _, spec := range f.ports {
		dst = append(dst, spec)
	}
	slices.SortFunc(dst[start:], func(a, b datapath.PortSpec) int { return cmp.Compare(a.No, b.No) })
	return dst, nil
}

// PortDrops implements datapath.Ports: there is room for every frame.
func (f *Fake) PortDrops(datapath.PortNo) datapath.PortDrops { return datapath.PortDrops{} }

// PortEvents implements datapath.Ports.
func (f *Fake) PortEvents() <-chan datapath.PortEvent { return f.events }

// Inject lets a frame come in by a port. It is forwarded, or queued as an
// upcall, before Inject returns. The bytes are copied.
func (f *Fake) Inject(in datapath.PortNo, bytes []byte) { f.InjectFrame(in, NewFrame(bytes)) }

// InjectFrame is Inject for a frame with an Offload of its own; the Fake keeps
// the frame.
func (f *Fake) InjectFrame(in datapath.PortNo, frame datapath.Frame) {
	f.mu.Lock()
	defer f.mu.Unlock()
	if _, ok := f.ports[in]; !ok {
		f.drops.NoPort++
		return
	}
	var key flowtable.Key
	packet.Parse(&frame, in, &key)
	f.forward(&frame, key)
}

// output puts what the wire would see of a frame into a port's queue.
func (f *Fake) output(frame *datapath.Frame, to datapath.PortNo) {
	if _, ok := f.ports[to]; !ok {
		f.drops.NoPort++
		return
	}
	wire := copyFrame(frame)
	err := f.segmenter.Segment(&wire, func(s *datapath.Frame) error {
		f.sent[to] = append(f.sent[to], slices.Clone(s.Bytes()))
		return nil
	})
	if err != nil {
		f.drops.Invalid++
		return
	}
	f.arrived.Broadcast()
}

// Sent takes out the frames that left a port and were not taken yet, oldest
// first.
func (f *Fake) Sent(no datapath.PortNo) [][]byte {
	f.mu.Lock()
	defer f.mu.Unlock()
	frames := f.sent[no]
	delete(f.sent, no)
	return frames
}

// Next takes out the oldest frame that left a port, and waits for one up to a
// limit; nil if there was none.
func (f *Fake) Next(no datapath.PortNo, limit time.Duration) []byte {
	deadline := time.Now().Add(limit)
	wake := time.AfterFunc(limit, f.arrived.Broadcast)
	defer wake.Stop()
	f.mu.Lock()
	defer f.mu.Unlock()
	for len(f.sent[no]) == 0 {
		if f.done || !time.Now().Before(deadline) {
			return nil
		}
		f.arrived.Wait()
	}
	frame := f.sent[no][0]
	f.sent[no] = f.sent[no][1:]
	return frame
}
