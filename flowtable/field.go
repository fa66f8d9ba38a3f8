package flowtable

// Field names one view of a Key: up to 64 bits inside one word. A 128-bit
// IPv6 address is two fields, Hi and Lo.
type Field uint8

// The views. Values are host-order integers, right-aligned when read by
// Key.Get. Names follow the OXM basic class (OpenFlow 1.3.5 §7.2.3.7) where it
// has the field, and linux/openvswitch.h where it does not.
const (
	InPort     Field = iota // 32 bits, OpenFlow numbering (LOCAL is 0xfffffffe)
	InPhyPort               // 32 bits; equals InPort for frames off a port
	EthDst                  // 48 bits
	EthSrc                  // 48 bits
	EthType                 // 16 bits, after all VLAN tags; 0x05ff for 802.2 frames without one
	VLANTCI                 // 16 bits, outer tag: PCP, presence (0x1000), VID; 0 when untagged
	VLANVID                 // 13 bits, outer tag: presence (0x1000) and VID, as OXM vlan_vid
	VLANPCP                 // 3 bits, outer tag
	VLANTPID                // 16 bits, outer tag; 0 when untagged
	VLAN2TCI                // 16 bits, second tag, like VLANTCI
	VLAN2TPID               // 16 bits, second tag
	IPProto                 // 8 bits: IPv4 protocol, or the last IPv6 next header
	IPTOS                   // 8 bits: DSCP and ECN
	IPDSCP                  // 6 bits
	IPECN                   // 2 bits
	IPTTL                   // 8 bits: TTL or hop limit
	IPFrag                  // 8 bits: FragNone, FragFirst, FragLater
	IPv6FLabel              // 20 bits
	L4Src                   // 16 bits: TCP, UDP, SCTP source; ICMP and ICMPv6 type
	L4Dst                   // 16 bits: TCP, UDP, SCTP destination; ICMP and ICMPv6 code
	TCPFlags                // 12 bits
	IPv6ExtHdr              // 9 bits, OFPIEH_* (§7.2.3.8)
	IPv4Src                 // 32 bits; ARP SPA too
	IPv4Dst                 // 32 bits; ARP TPA too
	IPv6SrcHi               // 64 bits
	IPv6SrcLo               // 64 bits
	IPv6DstHi               // 64 bits
	IPv6DstLo               // 64 bits
	NDTargetHi              // 64 bits
	NDTargetLo              // 64 bits
	ARPOp                   // 16 bits
	ARPSHA                  // 48 bits; ND SLL too
	ARPTHA                  // 48 bits; ND TLL too
	MPLS0                   // 32 bits: outermost label stack entry: label 20, TC 3, BOS 1, TTL 8
	MPLSLabel               // 20 bits of MPLS0
	MPLSTC                  // 3 bits of MPLS0
	MPLSBOS                 // 1 bit of MPLS0
	MPLSTTL                 // 8 bits of MPLS0
	MPLS1                   // 32 bits: second label stack entry
	MPLS2                   // 32 bits: third label stack entry
	PBBISID                 // 24 bits
	PBBUCA                  // 1 bit
	TunnelID                // 64 bits
	RecircID                // 32 bits; 0 for frames off a port
	DPHash                  // 32 bits, OVS_KEY_ATTR_DP_HASH
	Metadata                // 64 bits; a pipeline word
	NumFields
)

// Values of IPFrag, as enum ovs_frag_type in linux/openvswitch.h.
const (
	FragNone  = 0
	FragFirst = 1
	FragLater = 2 // L4 fields are zero
)

// VLANPresent is the presence bit of VLANTCI and VLANVID, OFPVID_PRESENT.
const VLANPresent = 0x1000

// Words of a Key. Words from PipelineWord on are not properties of a frame:
// they start at zero in every translation and never enter a cached flow's mask.
const (
	wordPort = iota
	wordEthDst
	wordEthSrc
	wordVLAN
	wordIP
	wordL4
	wordIPv4
	wordIPv6SrcHi
	wordIPv6SrcLo
	wordIPv6DstHi
	wordIPv6DstLo
	wordNDHi
	wordNDLo
	wordARPSHA
	wordARPTHA
	wordMPLS
	wordMPLS2
	wordTunnel
	wordRecirc
	wordMetadata

	// Words is the length of a Key.
	Words
	// PipelineWord is the first word that no frame fills.
	PipelineWord = wordMetadata
)

// View says where a field lies: in word Word, Bits wide, Shift from the right.
type View struct{ Word, Shift, Bits uint8 }

var views = [NumFields]View{
	InPort:     {wordPort, 32, 32},
	InPhyPort:  {wordPort, 0, 32},
	EthDst:     {wordEthDst, 16, 48},
	EthType:    {wordEthDst, 0, 16},
	EthSrc:     {wordEthSrc, 16, 48},
	VLANTCI:    {wordEthSrc, 0, 16},
	VLANVID:    {wordEthSrc, 0, 13},
	VLANPCP:    {wordEthSrc, 13, 3},
	VLANTPID:   {wordVLAN, 48, 16},
	VLAN2TPID:  {wordVLAN, 32, 16},
	VLAN2TCI:   {wordVLAN, 16, 16},
	IPProto:    {wordIP, 56, 8},
	IPTOS:      {wordIP, 48, 8},
	IPDSCP:     {wordIP, 50, 6},
	IPECN:      {wordIP, 48, 2},
	IPTTL:      {wordIP, 40, 8},
	IPFrag:     {wordIP, 32, 8},
	IPv6FLabel: {wordIP, 0, 20},
	L4Src:      {wordL4, 48, 16},
	L4Dst:      {wordL4, 32, 16},
	TCPFlags:   {wordL4, 16, 12},
	IPv6ExtHdr: {wordL4, 0, 9},
	IPv4Src:    {wordIPv4, 32, 32},
	IPv4Dst:    {wordIPv4, 0, 32},
	IPv6SrcHi:  {wordIPv6SrcHi, 0, 64},
	IPv6SrcLo:  {wordIPv6SrcLo, 0, 64},
	IPv6DstHi:  {wordIPv6DstHi, 0, 64},
	IPv6DstLo:  {wordIPv6DstLo, 0, 64},
	NDTargetHi: {wordNDHi, 0, 64},
	NDTargetLo: {wordNDLo, 0, 64},
	ARPSHA:     {wordARPSHA, 16, 48},
	ARPOp:      {wordARPSHA, 0, 16},
	ARPTHA:     {wordARPTHA, 16, 48},
	MPLS0:      {wordMPLS, 32, 32},
	MPLSLabel:  {wordMPLS, 44, 20},
	MPLSTC:     {wordMPLS, 41, 3},
	MPLSBOS:    {wordMPLS, 40, 1},
	MPLSTTL:    {wordMPLS, 32, 8},
	MPLS1:      {wordMPLS, 0, 32},
	MPLS2:      {wordMPLS2, 32, 32},
	PBBISID:    {wordMPLS2, 8, 24},
	PBBUCA:     {wordMPLS2, 0, 1},
	TunnelID:   {wordTunnel, 0, 64},
	RecircID:   {wordRecirc, 32, 32},
	DPHash:     {wordRecirc, 0, 32},
	Metadata:   {wordMetadata, 0, 64},
}

// ViewOf returns where f lies.
func ViewOf(f Field) View { return views[f] }

// Ones returns a value of f with every bit set, right-aligned.
func (f Field) Ones() uint64 { return ^uint64(0) >> (64 - views[f].Bits) }
