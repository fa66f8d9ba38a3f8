package userspace

import (
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"os"

	"golang.org/x/sys/unix"
)

// Numbers of linux/netfilter/nf_tables.h and linux/netfilter_netdev.h that
// x/sys lacks.
const (
	nftTableOwner    = 1 << 1 // NFT_TABLE_F_OWNER, Linux 5.12: the table goes with its socket
	nftNetdevIngress = 0      // NF_NETDEV_INGRESS
	nftPolicyDrop    = 0      // NF_DROP
)

// nftSocket holds an owned table; closing it removes the table.
type nftSocket int

func (s nftSocket) Close() error { return unix.Close(int(s)) }

// blockNFT drops by an nftables chain with policy drop and no rules, on the
// interface's netdev ingress hook, which runs after the taps.
func blockNFT(l link) (io.Closer, error) {
	fd, err := unix.Socket(unix.AF_NETLINK, unix.SOCK_RAW|unix.SOCK_CLOEXEC, unix.NETLINK_NETFILTER)
	if err == nil {
		err = nftTransact(fd, nftDropBatch(l))
	}
	if err != nil {
		if fd >= 0 {
			_ = unix.Close(fd)
		}
		return nil, fmt.Errorf("add nftables netdev chain for %s (needs Linux 5.12 with CONFIG_NF_TABLES_NETDEV): %w", l.name, err)
	}
	return nftSocket(fd), nil
}

// nftDropBatch is one transaction: a table that this socket owns, and its
// chain.
func nftDropBatch(l link) []byte {
	table := append(fmt.Appendf(nil, "ivs-%d", l.index), 0)
	var m nftMessages
	m.begin(unix.NFNL_MSG_BATCH_BEGIN, 0, unix.AF_UNSPEC, unix.NFNL_SUBSYS_NFTABLES)
	m.end()
	m.begin(unix.NFNL_SUBSYS_NFTABLES<<8|unix.NFT_MSG_NEWTABLE, unix.NLM_F_CREATE|unix.NLM_F_EXCL, unix.NFPROTO_NETDEV, 0)
	m.attr(unix.NFTA_TABLE_NAME, table)
	m.attrUint32(unix.NFTA_TABLE_FLAGS, nftTableOwner)
	m.end()
	m.begin(unix.NFNL_SUBSYS_NFTABLES<<8|unix.NFT_MSG_NEWCHAIN, unix.NLM_F_CREATE|unix.NLM_F_ACK, unix.NFPROTO_NETDEV, 0)
	m.attr(unix.NFTA_CHAIN_TABLE, table)
	m.attr(unix.NFTA_CHAIN_NAME, []byte("ingress\x00"))
	m.attr(unix.NFTA_CHAIN_TYPE, []byte("filter\x00"))
	m.attrUint32(unix.NFTA_CHAIN_POLICY, nftPolicyDrop)
	hook := m.nest(unix.NFTA_CHAIN_HOOK)
	m.attrUint32(unix.NFTA_HOOK_HOOKNUM, nftNetdevIngress)
	m.attrUint32(unix.NFTA_HOOK_PRIORITY, 0)
	m.attr(unix.NFTA_HOOK_DEV, append([]byte(l.name), 0))
	m.unnest(hook)
	m.end()
	m.begin(unix.NFNL_MSG_BATCH_END, 0, unix.AF_UNSPEC, unix.NFNL_SUBSYS_NFTABLES)
	m.end()
	return m.b
}

// nftMessages appends netlink messages of the netfilter family to b.
type nftMessages struct {
	b     []byte
	start int // of the present message
	seq   uint32
}

// begin starts a message: struct nlmsghdr, then struct nfgenmsg (family,
// version 0, resource in network order).
func (m *nftMessages) begin(kind, flags uint16, family uint8, resource uint16) {
	m.start = len(m.b)
	m.seq++
	m.b = binary.NativeEndian.AppendUint32(m.b, 0)
	m.b = binary.NativeEndian.AppendUint16(m.b, kind)
	m.b = binary.NativeEndian.AppendUint16(m.b, flags|unix.NLM_F_REQUEST)
	m.b = binary.NativeEndian.AppendUint32(m.b, m.seq)
	m.b = binary.NativeEndian.AppendUint32(m.b, 0)
	m.b = append(m.b, family, 0)
	m.b = binary.BigEndian.AppendUint16(m.b, resource)
}

func (m *nftMessages) end() {
	binary.NativeEndian.PutUint32(m.b[m.start:], uint32(len(m.b)-m.start))
}

// attr appends a struct nlattr with its value, padded to four bytes.
func (m *nftMessages) attr(kind uint16, value []byte) {
	m.b = binary.NativeEndian.AppendUint16(m.b, uint16(unix.NLA_HDRLEN+len(value)))
	m.b = binary.NativeEndian.AppendUint16(m.b, kind)
	m.b = append(m.b, value...)
	for len(m.b)%unix.NLA_ALIGNTO != 0 {
		m.b = append(m.b, 0)
	}
}

// attrUint32 appends a number in network order, as nftables has them.
func (m *nftMessages) attrUint32(kind uint16, value uint32) {
	m.attr(kind, binary.BigEndian.AppendUint32(nil, value))
}

func (m *nftMessages) nest(kind uint16) (start int) {
	start = len(m.b)
	m.attr(kind|unix.NLA_F_NESTED, nil)
	return start
}

func (m *nftMessages) unnest(start int) {
	binary.NativeEndian.PutUint16(m.b[start:], uint16(len(m.b)-start))
}

// nftTransact sends a batch and waits for the kernel's answer: an error, or
// the acknowledgement of the last change in it.
func nftTransact(fd int, batch []byte) error {
	timeout := unix.Timeval{Sec: 1}
	if err := unix.SetsockoptTimeval(fd, unix.SOL_SOCKET, unix.SO_RCVTIMEO, &timeout); err != nil {
		return err
	}
	if err := unix.Sendto(fd, batch, 0, &unix.SockaddrNetlink{Family: unix.AF_NETLINK}); err != nil {
		return os.NewSyscallError("send", err)
	}
	var answer [4096]byte
	n, _, err := unix.Recvfrom(fd, answer[:], 0)
	if err != nil {
		return os.NewSyscallError("receive", err)
	}
	if n < unix.SizeofNlMsghdr+4 || binary.NativeEndian.Uint16(answer[4:]) != unix.NLMSG_ERROR {
		return errors.New("unexpected answer from nftables")
	}
	if code := int32(binary.NativeEndian.Uint32(answer[unix.SizeofNlMsghdr:])); code != 0 {
		return unix.Errno(-code)
	}
	return nil
}
