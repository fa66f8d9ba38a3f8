package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strconv"
	"strings"
	"syscall"
	"time"

	"golang.org/x/sys/unix"
)

// lab is the network of one turn: three namespaces and a directory for
// sockets, data bases and logs.
type lab struct {
	ctx      context.Context
	dir      string
	sw, a, b string // network namespaces
}

// newLab makes the namespaces, without IPv6 so that nobody but the load
// generators sends, and a veth pair from each host to the switch's.
func newLab(ctx context.Context) (*lab, error) {
	dir, err := os.MkdirTemp("", "ivsbench")
	if err != nil {
		return nil, err
	}
	pid := strconv.Itoa(os.Getpid())
	l := &lab{ctx: ctx, dir: dir, sw: "ivsbench-sw-" + pid, a: "ivsbench-a-" + pid, b: "ivsbench-b-" + pid}
	for _, ns := range []string{l.sw, l.a, l.b} {
		err = errors.Join(err,
			l.ip("netns", "add", ns),
			l.in(ns, "sysctl", "-q", "-w", "net.ipv6.conf.default.disable_ipv6=1"),
			l.ip("-n", ns, "link", "set", "lo", "up"))
	}
	for i, host := range []string{l.a, l.b} {
		port := "p" + strconv.Itoa(i+1)
		err = errors.Join(err,
			l.ip("-n", l.sw, "link", "add", port, "type", "veth", "peer", "name", "eth0", "netns", host),
			l.ip("-n", l.sw, "link", "set", port, "up"),
			l.ip("-n", host, "addr", "add", fmt.Sprintf("10.0.0.%d/24", i+1), "dev", "eth0"),
			l.ip("-n", host, "link", "set", "eth0", "up"))
	}
	if err != nil {
		l.close()
		return nil, fmt.Errorf("make namespaces: %w", err)
	}
	return l, nil
}

// close removes the namespaces, with all interfaces in them, and the directory.
func (l *lab) close() {
	l.ctx = context.Background() // also after an interrupt
	for _, ns := range []string{l.sw, l.a, l.b} {
		_ = l.ip("netns", "del", ns) // it may never have been made
	}
	os.RemoveAll(l.dir)
}

func (l *lab) ip(args ...string) error {
	_, err := l.output("ip", args...)
	return err
}

// in runs a program in a namespace.
func (l *lab) in(ns string, args ...string) error {
	_, err := l.output("ip", append([]string{"netns", "exec", ns}, args...)...)
	return err
}

// output runs a program and returns what it printed; an error tells what it
// complained of.
func (l *lab) output(name string, args ...string) (string, error) {
	cmd := exec.CommandContext(l.ctx, name, args...)
	cmd.Env = l.environment()
	var complaint bytes.Buffer
	cmd.Stderr = &complaint
	out, err := cmd.Output()
	if err != nil {
		return string(out), fmt.Errorf("%s: %w: %s", strings.Join(cmd.Args, " "), err, strings.TrimSpace(complaint.String()))
	}
	return string(out), nil
}

// environment keeps the files of every switch within the lab.
func (l *lab) environment() []string {
	return append(os.Environ(), "IVS_RUNDIR="+l.dir,
		"OVS_RUNDIR="+l.dir, "OVS_DBDIR="+l.dir, "OVS_LOGDIR="+l.dir, "OVS_SYSCONFDIR="+l.dir)
}

// offloads switches the hosts' transmit and receive offloads.
func (l *lab) offloads(on bool) error {
	state := "off"
	if on {
		state = "on"
	}
	var err error
	for _, host := range []string{l.a, l.b} {
		err = errors.Join(err, l.in(host, "ethtool", "-K", "eth0", "rx", state, "tx", state, "sg", state, "tso", state, "gso", state))
	}
	return err
}

// program is one that runs in the background.
type program struct {
	cmd *exec.Cmd
	log string
	end chan struct{} // closed when it has ended
}

// start runs a program in a namespace, with further environment variables. "ip
// netns exec" becomes the program, so that the process id is the program's.
func (l *lab) start(ns string, env []string, args ...string) (*program, error) {
	p := &program{log: filepath.Join(l.dir, filepath.Base(args[0])+".out"), end: make(chan struct{})}
	log, err := os.Create(p.log)
	if err != nil {
		return nil, err
	}
	defer log.Close()
	p.cmd = exec.Command("ip", append([]string{"netns", "exec", ns}, args...)...)
	p.cmd.Env = append(l.environment(), env...)
	p.cmd.Stdout, p.cmd.Stderr = log, log
	if err := p.cmd.Start(); err != nil {
		return nil, err
	}
	go func() { _ = p.cmd.Wait(); close(p.end) }()
	return p, nil
}

// stop asks the program to end, waits, and in the end insists.
func (p *program) stop() {
	_ = p.cmd.Process.Signal(syscall.SIGTERM)
	select {
	case <-p.end:
	case <-time.After(5 * time.Second):
		_ = p.cmd.Process.Kill()
		<-p.end
	}
}

// residentBytes is the memory that the program occupies.
func (p *program) residentBytes() (float64, error) {
	text, err := os.ReadFile(fmt.Sprintf("/proc/%d/status", p.cmd.Process.Pid))
	if err != nil {
		return 0, err
	}
	for line := range strings.Lines(string(text)) {
		if fields := strings.Fields(line); len(fields) == 3 && fields[0] == "VmRSS:" {
			kb, err := strconv.ParseFloat(fields[1], 64)
			return kb * 1024, err
		}
	}
	return 0, errors.New("no VmRSS in /proc/PID/status")
}

// await repeats a check until it succeeds. When it gives up it tells what the
// programs have written.
func (l *lab) await(what string, check func() error, programs ...*program) error {
	var err error
	for range 200 {
		if err = check(); err == nil {
			return nil
		}
		if l.ctx.Err() != nil {
			return l.ctx.Err()
		}
		time.Sleep(50 * time.Millisecond)
	}
	for _, p := range programs {
		text, _ := os.ReadFile(p.log)
		err = fmt.Errorf("%w\n%s", err, text)
	}
	return fmt.Errorf("gave up waiting for %s: %w", what, err)
}

// within calls f on a thread in a network namespace. Sockets that f opens stay
// in it.
func within(ns string, f func() error) error {
	done := make(chan error)
	go func() {
		runtime.LockOSThread() // never unlocked: the thread ends with the goroutine
		fd, err := unix.Open(filepath.Join("/run/netns", ns), unix.O_RDONLY|unix.O_CLOEXEC, 0)
		if err == nil {
			err = unix.Setns(fd, unix.CLONE_NEWNET)
			unix.Close(fd)
		}
		if err == nil {
			err = f()
		}
		done <- err
	}()
	return <-done
}
