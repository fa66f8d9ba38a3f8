package control

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
)

// RunDir is the directory of run-time files. A switch's name is unique within
// one: that is, within one network namespace, as its datapath's is.
type RunDir string

// RunDirVariable is the environment variable that names another directory.
const RunDirVariable = "IVS_RUNDIR"

// ClaimsFile is where the switches of a host, whatever their directories and
// network namespaces, agree on who has which interface.
const ClaimsFile = "/run/ivs/interfaces.lock"

// DefaultRunDir is /run/ivs for the network namespace of process 1, and a
// directory below it for any other, so that switches in different namespaces
// may have one name.
func DefaultRunDir() RunDir {
	if dir := os.Getenv(RunDirVariable); dir != "" {
		return RunDir(dir)
	}
	return runDirFor("/proc/self/ns/net", "/proc/1/ns/net")
}

// firstNamespace is the network namespace that the kernel starts with, whose
// inode is fixed since Linux 6.18 (PROC_NET_INIT_INO in linux/nsfs.h).
const firstNamespace = "net:[4026531833]"

// runDirFor compares two links of the form net:[4026531840]: this process's
// network namespace and process 1's. Only the privileged can read the latter,
// and some containers forbid it to them too.
func runDirFor(self, first string) RunDir {
	const base = "/run/ivs"
	ours, err := os.Readlink(self)
	if err != nil || ours == firstNamespace {
		return base
	}
	if theirs, err := os.Readlink(first); err == nil && ours == theirs {
		return base
	}
	inode := strings.TrimSuffix(strings.TrimPrefix(ours, "net:["), "]")
	return RunDir(filepath.Join(base, namespacePrefix+inode))
}

// namespacePrefix begins the name of a network namespace's directory.
const namespacePrefix = "netns-"

// maxSocketPath is how long the path of a unix socket may be, unix(7).
const maxSocketPath = 107

// Check says why the sockets of a switch of this name can't be there.
func (d RunDir) Check(name string) error {
	if other, ok := strings.CutSuffix(name+socketSuffix, openFlowSuffix); ok {
		return fmt.Errorf("switch name %s: its control socket would be the OpenFlow socket of a switch %s; choose another name", name, other)
	}
	if longest := d.OpenFlowSocket(name); len(longest) > maxSocketPath {
		return fmt.Errorf("socket path %s has %d bytes, and can have %d: let %s name a directory with a shorter path",
			longest, len(longest), maxSocketPath, RunDirVariable)
	}
	return nil
}

// Tidy removes a network namespace's directory once it is empty, for nobody
// else would when the namespace is gone. Other directories stay.
func (d RunDir) Tidy() {
	if strings.HasPrefix(filepath.Base(string(d)), namespacePrefix) {
		os.Remove(string(d)) // fails while another switch has files in it
	}
}

// Socket is the control socket of the switch of this name.
func (d RunDir) Socket(name string) string { return filepath.Join(string(d), name+socketSuffix) }

// OpenFlowSocket is the unix socket on which that switch speaks OpenFlow.
func (d RunDir) OpenFlowSocket(name string) string {
	return filepath.Join(string(d), name+openFlowSuffix)
}

// PIDFile is that switch's pid file, locked (flock) while it runs.
func (d RunDir) PIDFile(name string) string { return filepath.Join(string(d), name+".pid") }

const (
	socketSuffix   = ".sock"
	openFlowSuffix = ".openflow.sock"
)

// Names lists the switches that have a control socket here, sorted. A dead one
// may be among them.
func (d RunDir) Names() ([]string, error) {
	entries, err := os.ReadDir(string(d))
	if os.IsNotExist(err) {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	var names []string
	for _, e := range entries {
		if strings.HasSuffix(e.Name(), openFlowSuffix) {
			continue
		}
		if name, ok := strings.CutSuffix(e.Name(), socketSuffix); ok {
			names = append(names, name)
		}
	}
	return names, nil
}
