package main

import (
	"errors"
	"io"
	"reflect"
	"strconv"
	"strings"
	"testing"
)

func TestParseFlags(t *testing.T) {
	tests := []struct {
		line string
		want options
	}{
		{"", options{name: "ivs", datapath: "auto"}},
		// Exactly what Mininet runs.
		{"--name s1 --dpid 0000000000000001 --verbose -i s1-eth1 -i s1-eth2 -c 127.0.0.1:6653 --listen 127.0.0.1:6654",
			options{name: "s1", dpid: 1, datapath: "auto", verbose: true, interfaces: []string{"s1-eth1", "s1-eth2"},
				controllers: []string{"127.0.0.1:6653"}, listeners: []string{"127.0.0.1:6654"}}},
		{"-vt -c 10.0.0.1 -c ::1 -c [fe80::1]:6633 -l 127.0.0.1 --dpid=0xAbC --datapath=userspace --syslog --internal-port=in0 --internal-port in1",
			options{name: "ivs", dpid: 0xabc, datapath: "userspace", verbose: true, trace: true, syslog: true,
				controllers:   []string{"10.0.0.1:6653", "[::1]:6653", "[fe80::1]:6633"},
				listeners:     []string{"127.0.0.1:6634"},
				internalPorts: []string{"in0", "in1"}}},
		{"--fixed-tables", options{name: "ivs", datapath: "auto", fixedTables: true}},
		{"--buffers 256 --aux-connections=2", options{name: "ivs", datapath: "auto", buffers: 256, auxiliaries: 2}},
		{"--no-echo-timeout", options{name: "ivs", datapath: "auto", noEchoTimeout: true}},
		{"-V 1.3 --pipeline=standard-1.3 --max-flows=1000",
			options{name: "ivs", datapath: "auto", ignored: []string{"--max-flows"}}},
	}
	for _, tt := range tests {
		got, err := parseFlags(strings.Fields(tt.line), io.Discard)
		if err != nil {
			t.Errorf("ivs %s: %v", tt.line, err)
			continue
		}
		if !reflect.DeepEqual(*got, tt.want) {
			t.Errorf("ivs %s\n got %+v\nwant %+v", tt.line, *got, tt.want)
		}
	}
}

func TestParseFlagsRefuses(t *testing.T) {
	tests := []struct{ line, word string }{
		{"--nonsense", "--nonsense"},
		{"-x", "x"},
		{"eth0", `unexpected argument "eth0"`},
		{"-c nowhere", `flag -c "nowhere": want an IP address`},
		{"-c 10.0.0.1:0", "port 0"},
		{"-c 10.0.0.1:70000", `flag -c "10.0.0.1:70000": port 70000: want a number from 1 to 65535`},
		{"-c [::1]:", `flag -c "[::1]:": port : want`},
		{"-l 10.0.0.1:x", "port x: want"},
		{"-c :6653", "want an IP address"},
		{"-c localhost:6653", "want an IP address"},
		{"-c localhost", "want an IP address"},
		{strings.Repeat("-c 10.0.0.1:%d ", 17), "17 controllers; a switch connects to at most 16"},
		{strings.Repeat("-i eth%d ", 1000) + strings.Repeat("--internal-port in%d ", 25), "1025 ports; a switch has at most 1024"},
		{"-i in%d", "percent sign"},
		{"--dpid=", `flag --dpid ""`},
		{"--dpid 00000000000000aa0", "want 1 to 16"},
		{"--fixed-tables=maybe", `flag --fixed-tables "maybe": want true or false`},
		{"-v=7", `flag --verbose "7": want true or false`},
		{"--pipeline standard-1.3", "--pipeline=NAME"},
		{"-c 10.0.0.1 -c 10.0.0.1:6653", "given twice"},
		{"-l 300.0.0.1", "flag -l"},
		{"--dpid xyz", "flag --dpid"},
		{"--dpid 0", "not all zero"},
		{"--dpid 11112222333344445", "1 to 16"},
		{"--name toolonganamefor16", "flag --name"},
		{"--name a/b", "flag --name"},
		{"-i eth1 -i eth1", "given twice"},
		{"--name eth1 -i eth1", "own name"},
		{"-i 1234567890123456", "longer than 15"},
		{"--datapath=fast", "want auto, kernel or userspace"},
		{"--buffers -1", "--buffers -1: want 0 to 65536"},
		{"--buffers 65537", "--buffers 65537: want 0 to 65536"},
		{"--buffers many", `flag --buffers "many": want a number`},
		{"--aux-connections 17", "--aux-connections 17: want 0 to 16"},
		{"--aux-connections=-1", "--aux-connections -1: want 0 to 16"},
		{"-V 1.0", "-V 1.0: not supported yet"},
		{"--pipeline", "--pipeline=experimental: not supported yet"},
		{"--pipeline=l2", "--pipeline=l2: not supported yet"},
		{"--hitless", "--hitless: not supported yet"},
		{"-u eth0", "--uplink: not supported yet"},
		{"--inband-vlan=7", "--inband-vlan: not supported yet"},
		{"-f /etc/ivs.conf", "--config-file: not supported yet"},
	}
	for _, tt := range tests {
		fields := strings.Fields(tt.line)
		for i, field := range fields { // each another
			if n := len(fields); n > 10 {
				fields[i] = strings.ReplaceAll(field, "%d", strconv.Itoa(i))
			}
		}
		_, err := parseFlags(fields, io.Discard)
		if err == nil || !strings.Contains(err.Error(), tt.word) {
			t.Errorf("ivs %s: error %v, want one that says %q", tt.line, err, tt.word)
		}
	}
}

func TestHelpAndVersion(t *testing.T) {
	var text strings.Builder
	if _, err := parseFlags([]string{"-h"}, &text); !errors.Is(err, errHelp) {
		t.Errorf("-h: %v", err)
	}
	for _, flag := range []string{"--controller", "--listen", "--interface", "--datapath", "--internal-port", "--buffers", "--aux-connections", "--fixed-tables"} {
		if !strings.Contains(text.String(), flag) {
			t.Errorf("the help lacks %s", flag)
		}
	}
	if strings.Contains(text.String(), "uplink") {
		t.Error("the help offers a flag that is not supported")
	}
	if _, err := parseFlags([]string{"--version"}, io.Discard); !errors.Is(err, errVersion) {
		t.Errorf("--version: %v", err)
	}
}
