"""Writes models/photo/samples: photos that the demo and `npm start` offer, with author and licence in samples.json.

    python models/export/photo_samples.py

Each is a photo that a Python package ships and whose author gave it away (public domain, CC0) or allows it with
attribution (CC BY 2.0). Scaled to 640 pixels at most, JPEG.
"""

import json
from importlib import resources
from pathlib import Path

from PIL import Image

SAMPLES = Path(__file__).parents[1] / "photo/samples"
LONGEST, QUALITY = 640, 85
PHOTOS = (
    {
        "file": "cat.jpg",
        "source": ("skimage.data", "chelsea.png"),
        "title": "Chelsea the cat",
        "author": "Stéfan van der Walt",
        "licence": "CC0-1.0",
    },
    {
        "file": "espresso.jpg",
        "source": ("skimage.data", "coffee.png"),
        "title": "A cup of coffee at Pikolo Espresso Bar",
        "author": "Rachel Michetti",
        "licence": "CC0-1.0",
    },
    {
        "file": "admiral.jpg",
        "source": ("matplotlib", "mpl-data/sample_data/grace_hopper.jpg"),
        "title": "Grace Hopper",
        "author": "United States Navy",
        "licence": "Public domain",
    },
    {
        "file": "temple.jpg",
        "source": ("sklearn.datasets.images", "china.jpg"),
        "title": "Summer Palace",
        "author": "Daniel Buechele, https://www.flickr.com/photos/danielbuechele/6061409035/",
        "licence": "CC-BY-2.0",
    },
)


def main() -> None:
    SAMPLES.mkdir(parents=True, exist_ok=True)
    listed = []
    for photo in PHOTOS:
        package, name = photo["source"]
        with Image.open(resources.files(package).joinpath(name)) as image:
            image = image.convert("RGB")
            image.thumbnail((LONGEST, LONGEST), Image.Resampling.LANCZOS)
            image.save(SAMPLES / photo["file"], quality=QUALITY, optimize=True)
        listed.append({**photo, "source": f"{package.split('.')[0]}: {name.split('/')[-1]}"})
    (SAMPLES / "samples.json").write_text(json.dumps(listed, indent=2, ensure_ascii=False) + "\n")


if __name__ == "__main__":
    main()
