package ofp13

// ErrorMessage is OFPT_ERROR (§7.4.4). Data is at least the first 64 bytes of
// the failed request, or, for ErrTypeHelloFailed, ASCII text.
type ErrorMessage struct {
	Type         uint16 // OFPET_*
	Code         uint16 // the type's own code; exp_type for ErrTypeExperimenter
	Experimenter uint32 // ErrTypeExperimenter only
	Data         []byte
}
