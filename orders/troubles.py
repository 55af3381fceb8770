"""Why the system did not let a file be used, in both languages."""

from __future__ import annotations

import errno

TROUBLES = {
    errno.ENOENT: "нет такого файла",
    errno.ENOTDIR: "нет такой папки",
    errno.EISDIR: "это папка",
    errno.EACCES: "нет прав",
    errno.EPERM: "нет прав",
    errno.EROFS: "сюда нельзя писать",
    errno.ENOSPC: "на диске нет места",
    errno.EDQUOT: "на диске нет места",
    errno.ENAMETOOLONG: "слишком длинное имя",
    errno.ELOOP: "ссылка ведёт на саму себя",
    errno.EEXIST: "на месте папки лежит файл",
    errno.EIO: "диск не читается",
    errno.EFBIG: "файл слишком велик",
    errno.ENOTEMPTY: "там уже что-то лежит",
}


def why(error: OSError | ValueError) -> tuple[str, str]:
    """Return why a file could not be used; a ValueError is of a name that no file can have."""
    if not isinstance(error, OSError):
        return "у файла не может быть такого имени", str(error)
    en = error.strerror or str(error)
    return TROUBLES.get(error.errno or 0, en), en
