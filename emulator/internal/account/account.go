// Package account adds up what the guest makes the host hold, and says whether there is room for more.
//
// The account is arithmetic over guest objects with the fixed prices of this package. It never looks at the host: a call
// fails at the same tick on a computer with much memory, on one with little, and in the browser. Each holder keeps the sum
// of its own objects as part of its state, so a snapshot restores the account along with the objects.
package account

// A Holder holds objects for the guest.
type Holder interface {
	// Held returns the price in bytes of all that is held now.
	Held() uint64
}

// An Account is a limit and the holders that share it.
type Account struct {
	limit    uint64
	holders  []Holder
	refusals uint64
}

// New returns an account of at most limit bytes.
func New(limit uint64, holders ...Holder) *Account { return &Account{limit: limit, holders: holders} }

// Limit returns the most that the holders may hold together, in bytes.
func (a *Account) Limit() uint64 { return a.limit }

// Held returns what the holders hold together, in bytes.
func (a *Account) Held() (n uint64) {
	for _, h := range a.holders {
		n += h.Held()
	}
	return n
}

// Room returns how many more bytes may be held.
func (a *Account) Room() uint64 {
	held := a.Held()
	return a.limit - min(a.limit, held)
}

// Has says whether there is room for n more bytes. Whoever asks wants to hold them: a no is a refusal.
func (a *Account) Has(n uint64) bool {
	if n <= a.Room() {
		return true
	}
	a.refusals++
	return false
}

// Refusals returns how often there was no room. It is no part of a machine's state: it only grows, also in a replay.
func (a *Account) Refusals() uint64 { return a.refusals }
