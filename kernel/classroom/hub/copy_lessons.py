"""copy_lessons.py FROM TO: copies the notebooks that are not there. What the student has is never written over.

The spawner runs it as the student, who may have made a link of the folder.
"""

import os
import shutil
import sys

notebooks, lessons = sys.argv[1:]
os.makedirs(lessons, exist_ok=True)
for name in os.listdir(notebooks):
    to = os.path.join(lessons, name)
    if name.endswith(".ipynb") and not os.path.lexists(to):
        shutil.copyfile(os.path.join(notebooks, name), to)
