// Package e2e tests the whole program: the binaries ivs and ivs-ctl as they are
// shipped, between real hosts (network namespaces) and real controllers.
//
// Each test makes a [lab], starts a switch in it, and looks at it from outside
// only: frames on the wire, OpenFlow, ivs-ctl, exit statuses. Namespaces have no
// names and processes die with the test binary, so that nothing can be left
// behind. It needs root.
//
//	IVS_BIN           directory that has ivs and ivs-ctl; unset, they are compiled
//	IVS_E2E_DATAPATH  userspace (the default) or kernel
package e2e

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"testing"
)

// Namespaces end with their threads, but the first thread of a process never
// ends, so no goroutine of a test may get it.
func init() { runtime.LockOSThread() }

// Where the programs are, and the datapath that they are tested on.
var (
	binDir   = os.Getenv("IVS_BIN")
	dataPath = os.Getenv("IVS_E2E_DATAPATH")
)

func TestMain(m *testing.M) { os.Exit(testMain(m)) }

func testMain(m *testing.M) int {
	if dataPath == "" {
		dataPath = "userspace"
	}
	if os.Geteuid() != 0 {
		fmt.Println("SKIP: test/e2e needs root, for network namespaces")
		return 0
	}
	if binDir != "" {
		return m.Run()
	}
	dir, err := os.MkdirTemp("", "ivs-e2e-bin")
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		return 1
	}
	defer os.RemoveAll(dir)
	build := exec.Command("../../build/binaries", dir)
	if out, err := build.CombinedOutput(); err != nil {
		fmt.Fprintf(os.Stderr, "build/binaries: %v\n%s", err, out)
		return 1
	}
	binDir = dir
	return m.Run()
}

// program is the path of ivs or ivs-ctl.
func program(name string) string { return filepath.Join(binDir, name) }

// need skips a test where a program of Debian's is missing.
func need(t *testing.T, programs ...string) {
	t.Helper()
	for _, name := range programs {
		if _, err := exec.LookPath(name); err != nil {
			t.Skipf("needs %s: %v", name, err)
		}
	}
}
