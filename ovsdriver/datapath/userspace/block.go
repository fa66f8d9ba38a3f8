package userspace

import (
	"errors"
	"fmt"
	"io"

	"github.com/cilium/ebpf"
	"github.com/cilium/ebpf/asm"
	ebpflink "github.com/cilium/ebpf/link"
)

// A packet socket only copies: behind that tap the host's stack gets each
// frame as well and would answer or route it. A blockFunc installs a drop
// behind the tap of one interface. It lasts until it is closed, and no longer
// than the process.
type blockFunc func(link) (io.Closer, error)

// block tries the ways that kernels offer, best first. The error says why
// none works; the port can then be used, but the host hears its frames too.
func block(ways []blockFunc, l link) (io.Closer, error) {
	var errs []error
	for _, way := range ways {
		c, err := way(l)
		if err == nil {
			return c, nil
		}
		errs = append(errs, err)
	}
	return nil, errors.Join(errs...)
}

// tcxDrop is TCX_DROP of enum tcx_action_base, linux/bpf.h.
const tcxDrop = 2

// tcxBlocker drops by a program of two instructions on the interface's tcx
// ingress hook (Linux 6.6), which runs after the taps. The zero value is
// ready; main alone uses it.
type tcxBlocker struct {
	program *ebpf.Program
}

// block puts the program before all others there.
func (b *tcxBlocker) block(l link) (io.Closer, error) {
	if b.program == nil {
		p, err := ebpf.NewProgram(&ebpf.ProgramSpec{
			Name:         "ivs_drop",
			Type:         ebpf.SchedCLS,
			Instructions: asm.Instructions{asm.Mov.Imm(asm.R0, tcxDrop), asm.Return()},
			License:      "Apache-2.0",
		})
		if err != nil {
			return nil, fmt.Errorf("load drop program for tcx: %w", err)
		}
		b.program = p
	}
	attached, err := ebpflink.AttachTCX(ebpflink.TCXOptions{
		Interface: int(l.index),
		Program:   b.program,
		Attach:    ebpf.AttachTCXIngress,
		Anchor:    ebpflink.Head(),
	})
	if err != nil {
		return nil, fmt.Errorf("attach drop program to %s (tcx needs Linux 6.6): %w", l.name, err)
	}
	return attached, nil
}

// close unloads the program; what it is attached to keeps it.
func (b *tcxBlocker) close() error {
	if b.program == nil {
		return nil
	}
	return b.program.Close()
}
