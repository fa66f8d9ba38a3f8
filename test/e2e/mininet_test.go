package e2e

import (
	"fmt"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

// mininetScript runs Mininet where it can do no harm, since it kills programs by
// their names and empties its temporary directory: in namespaces of its own, of
// processes too. Its arguments are the directory of ivs, then those of mn. With
// OS_KEN set a learning switch on os-ken is started first, as the remote
// controller: ovs-testcontroller serves no more than 16 switches.
const mininetScript = `
set -e
mount -t tmpfs tmpfs /run
mkdir /run/mn
cp "$1"/ivs "$1"/ivs-ctl testdata/learning.py /run/mn
shift
mount -t tmpfs tmpfs /tmp
ip link set lo up
export PATH=/run/mn:$PATH OVS_RUNDIR=/run/mn
cd /run/mn
if [ -n "$OS_KEN" ]; then
  ` + debianPython + ` -B -m os_ken.cmd.manager --ofp-listen-host 127.0.0.1 --ofp-tcp-listen-port 6653 learning.py >controller.log 2>&1 &
  until ss -Htnl 'sport = :6653' | grep -q .; do sleep 0.1; done
fi
exec timeout 150 mn --switch ivs "$@"
`

// mininet runs "mn --switch ivs" with a test of its own.
func mininet(t *testing.T, osKen string, args ...string) string {
	t.Helper()
	need(t, "mn", "unshare", "timeout", "ss")
	n := newNamespace(t)
	bin, err := filepath.Abs(binDir)
	if err != nil {
		t.Fatal(err)
	}
	line := append([]string{
		"--net", "--pid", "--mount", "--fork", "--kill-child", "--mount-proc", "bash", "-c", mininetScript, "mininet", bin,
	}, args...)
	p := n.spawn(t, []string{"OS_KEN=" + osKen}, "unshare", line...)
	if err := p.wait(3 * time.Minute); err != nil {
		t.Fatal(err)
	}
	if p.status() != 0 {
		t.Fatalf("mn ends with status %d", p.status())
	}
	return p.out.String()
}

// Mininet's own test of reachability, with its own controller.
func TestMininetTree(t *testing.T) {
	need(t, "ovs-testcontroller")
	out := mininet(t, "", "--controller", "ovsc", "--topo", "tree,2", "--test", "pingall")
	checkPingAll(t, out, 4)
}

// 24 switches in one network namespace, in a row.
func TestMininetLinear(t *testing.T) {
	if dataPath == "kernel" {
		t.Skip("24 switches are too slow for an emulated machine; they run on the embedded datapath")
	}
	needOSKen(t)
	out := mininet(t, "yes", "--controller", "remote,ip=127.0.0.1,port=6653", "--topo", "linear,24", "--test", "pingall")
	checkPingAll(t, out, 24)
}

// checkPingAll looks for the result: each of the hosts reached each other.
func checkPingAll(t *testing.T, out string, hosts int) {
	t.Helper()
	pings := hosts * (hosts - 1)
	if want := fmt.Sprintf("0%% dropped (%d/%d received)", pings, pings); !strings.Contains(out, "*** Results: "+want) {
		t.Errorf("mn prints\n%s\nwant %s", out, want)
	}
}
