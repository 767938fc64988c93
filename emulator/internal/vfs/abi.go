package vfs

// Flags of open, from include/uapi/asm-generic/fcntl.h as amd64 has them.
const (
	O_ACCMODE   = 3
	O_RDONLY    = 0
	O_WRONLY    = 1
	O_RDWR      = 2
	O_CREAT     = 0o100
	O_EXCL      = 0o200
	O_NOCTTY    = 0o400
	O_TRUNC     = 0o1000
	O_APPEND    = 0o2000
	O_NONBLOCK  = 0o4000
	O_DSYNC     = 0o10000
	O_ASYNC     = 0o20000
	O_DIRECT    = 0o40000
	O_LARGEFILE = 0o100000
	O_DIRECTORY = 0o200000
	O_NOFOLLOW  = 0o400000
	O_NOATIME   = 0o1000000
	O_CLOEXEC   = 0o2000000
	O_PATH      = 0o10000000
	O_TMPFILE   = 0o20000000 | O_DIRECTORY
)

// Types and permission bits of a file's mode, from include/uapi/linux/stat.h.
const (
	S_IFMT   = 0o170000
	S_IFSOCK = 0o140000
	S_IFLNK  = 0o120000
	S_IFREG  = 0o100000
	S_IFBLK  = 0o060000
	S_IFDIR  = 0o040000
	S_IFCHR  = 0o020000
	S_IFIFO  = 0o010000
	S_ISUID  = 0o4000
	S_ISGID  = 0o2000
	S_ISVTX  = 0o1000
)

// Whence of lseek.
const (
	SEEK_SET = iota
	SEEK_CUR
	SEEK_END
	SEEK_DATA
	SEEK_HOLE
)

// Flags of the …at calls, from include/uapi/linux/fcntl.h.
const (
	AT_FDCWD            = -100
	AT_SYMLINK_NOFOLLOW = 0x100
	AT_REMOVEDIR        = 0x200
	AT_EACCESS          = 0x200
	AT_SYMLINK_FOLLOW   = 0x400
	AT_EMPTY_PATH       = 0x1000
)

// Flags of renameat2.
const (
	RENAME_NOREPLACE = 1
	RENAME_EXCHANGE  = 2
)

// Limits of Linux in bytes (include/uapi/linux/limits.h) and in links followed (MAXSYMLINKS in include/linux/namei.h).
const (
	NAME_MAX    = 255
	PATH_MAX    = 4096
	PIPE_BUF    = 4096
	maxSymlinks = 40
)

// The user and group whom the guest runs as. Root would hide mistakes in permissions, and the tests of Go's package os
// expect an ordinary user.
const (
	UID = 1000
	GID = 1000
)

// maxFileSize is the longest file in bytes (MAX_LFS_FILESIZE).
const maxFileSize = 1<<63 - 1
