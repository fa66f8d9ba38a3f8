// Package bsn is the extensions of OpenFlow 1.3 by Big Switch Networks that the
// users of Indigo switches know: the list of controller connections, checksums
// of flow tables, and generic tables ("gentables"). Its authority is what
// loxigen defines in openflow_input/bsn_controller_connections,
// bsn_flow_checksum, bsn_gentable and bsn_tlv; section numbers (§) are those of
// OpenFlow 1.3.5.
//
// The messages travel in [ofp13.Experimenter] (§7.5.4), requests and elements
// of multiparts in [ofp13.ExperimenterMultipart] (§7.3.5.15). Every type here is
// what follows the exp_type there, and has
//
//	func (m *T) Append(b []byte) []byte
//	func (m *T) Decode(b []byte) error
//
// or, an element of which a reply holds any number, DecodeNext, as in ofp13.
// Decoders are as strict: each length is checked, what pads may hold anything,
// and they fail with *ofp13.Error. Byte slices in a decoded value point into b.
//
// [Agent] carries out the requests. Where it differs from Indigo:
//
//   - A list of controller connections comes unasked, when it has changed, only
//     to those who have asked for it once; Indigo tells everyone.
//   - Slaves may not change generic tables and numbers of buckets.
//   - Tables and buckets have an upper limit, and a range of checksums must be
//     one. Refusals have the codes that Indigo gives.
//   - The reply to a clear names its table, and an entry that can't be deleted
//     stays.
//
// What else has BSN's number is OFPBRC_BAD_EXP_TYPE, and its actions,
// instructions and match fields are unknown: among them what Indigo's core
// answers too, bsn_time, bsn_role_status, bsn_set_aux_cxns, bsn_log, the hybrid
// and pipeline messages, the statistics of ports, VLANs and debug counters.
package bsn
